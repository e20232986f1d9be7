"""Finds everything that can be wrong with an index or its encoder, and the command that fixes it."""

from semsearch.doctor.diagnosis import ENCODER_CHECKS, diagnose
from semsearch.doctor.repairs import Repair, repair

__all__ = ["ENCODER_CHECKS", "Repair", "diagnose", "repair"]
