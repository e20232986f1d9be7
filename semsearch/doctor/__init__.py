"""Finds everything that can be wrong with an index or its encoder, and the command that fixes it."""

from semsearch.doctor.diagnosis import OF_ENCODERS, diagnose
from semsearch.doctor.repairs import Repair, repair

__all__ = ["OF_ENCODERS", "Repair", "diagnose", "repair"]
