"""Commands that check an index and repair it: verify, doctor."""

import click

from semsearch.cli import options
from semsearch.cli.streams import progress, tell_json

INDEX_STATUS = 3
ENCODER_STATUS = 4


@click.command()
@options.reading_index
@options.as_json
@options.quiet
def verify(location: str | None, as_json: bool, quiet: bool) -> int:
    """Compare every file of an index with its checksum; name damaged, missing and foreign files.

    The status is 3 where there is one. Writers may go on meanwhile.
    """
    from semsearch.doctor.commands import Remedies
    from semsearch.engines import folders
    from semsearch.locations import reading_location
    from semsearch.rendering import json_text
    from semsearch.rendering.health import verification_text

    folder = reading_location(location)
    with progress("Comparing", quiet=quiet) as observer:
        verification = folders.verify(folder, observer)
    if as_json:
        tell_json(f"{json_text(verification.to_dict())}\n")
    elif verification.damages or not quiet:
        click.echo("".join(verification_text(verification, Remedies(folder).repair, options.style())), nl=False)
    return INDEX_STATUS if verification.damages else 0


@click.command()
@options.reading_index
@click.option("--repair", "to_repair", is_flag=True, help="First repair what can be repaired safely: see above.")
@options.as_json
@options.quiet
def doctor(location: str | None, to_repair: bool, as_json: bool, quiet: bool) -> int:
    """Check an index and its encoder, and print the commands that fix what is wrong.

    --repair rebuilds derived files. Segments whose articles or vectors are damaged are dropped; the articles in them
    that are intact are written to DIR-rescued-N.jsonl beside the index, to be added again, and the lost ones are
    named. It also removes what killed writers left behind, and an unfinished pull.

    The status is 3 where the index has a problem, 4 where only the encoder has. With -q only problems are shown.
    """
    from semsearch.doctor import ENCODER_CHECKS, diagnose, repair
    from semsearch.locations import reading_location, writing_location
    from semsearch.rendering import json_text
    from semsearch.rendering.health import findings_text, repair_text
    from semsearch.types import State

    folder = writing_location(location) if to_repair else reading_location(location)
    with progress("Comparing", quiet=quiet) as observer:
        repaired = repair(folder, observer) if to_repair else None
        findings = diagnose(folder, observer)
    problems = [finding for finding in findings if finding.state is State.PROBLEM]
    if as_json:
        report: dict[str, object] = {"repaired": repaired.to_dict()} if repaired else {}
        report |= {"healthy": not problems, "findings": [finding.to_dict() for finding in findings]}
        tell_json(f"{json_text(report)}\n")
    else:
        if repaired:
            click.echo("".join(repair_text(repaired.done, repaired.lost, repaired.mend, options.style())), nl=False)
        if problems or not quiet:
            shown = problems if quiet else findings
            click.echo("".join(findings_text(shown, options.style())), nl=False)
    if not problems:
        return 0
    return ENCODER_STATUS if all(finding.check in ENCODER_CHECKS for finding in problems) else INDEX_STATUS


COMMANDS = (verify, doctor)
