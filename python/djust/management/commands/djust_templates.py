"""``manage.py djust_templates``: what becomes of each template, and what to mend in it."""

import json
import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from djust.lowering import Why
from djust.report import WHY_OPAQUE, WHY_RAW, Place, Report, reports

FINDINGS = {
    "raw": ("raw region", "raw regions"),
    "opaque": ("opaque tag", "opaque tags"),
    "unkeyed": ("list without a key", "lists without a key"),
    "error": ("template does not compile", "templates do not compile"),
}
"""What ``--fail-on`` may name, and how the last line counts it."""


class Command(BaseCommand):
    help = "Shows what becomes of templates: their holes, and what in them is not fine-grained."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="names of templates; all without any")
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument(
            "--queries",
            action="store_true",
            help="also what the templates read of their values, and the queries that this takes",
        )
        parser.add_argument(
            "--fail-on",
            default="",
            metavar="WHAT",
            help=f"exit with 1 if there is any of these, with commas: {', '.join(FINDINGS)}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        failing = [each for each in options["fail_on"].split(",") if each]
        for each in failing:
            if each not in FINDINGS:
                raise CommandError(f"--fail-on knows {', '.join(FINDINGS)}, and not {each!r}")
        all_reports = list(reports(options["names"]))
        counts = {
            finding: sum(count(report, finding) for report in all_reports) for finding in FINDINGS
        }
        if options["json"]:
            self.stdout.write(json.dumps([report.as_dict() for report in all_reports], indent=2))
        else:
            for report in all_reports:
                self.stdout.write("\n".join(described(report)) + "\n")
                if options["queries"]:
                    for path in report.reads:
                        self.stdout.write(row("reads", "", path))
                    for query in report.queries:
                        self.stdout.write(row("query", "", query))
            self.stdout.write(summary(len(all_reports), counts))
        if any(counts[each] for each in failing):
            sys.exit(1)


def count(report: Report, finding: str) -> int:
    return bool(report.error) if finding == "error" else len(getattr(report, finding))


def summary(templates: int, counts: dict[str, int]) -> str:
    """The last line.

    >>> summary(2, {"raw": 1, "opaque": 0, "unkeyed": 3, "error": 0})
    '2 templates: 1 raw region, 3 lists without a key'
    """
    found = [
        f"{number} {FINDINGS[finding][number != 1]}" for finding, number in counts.items() if number
    ]
    return f"{templates} template{'s'[: templates != 1]}: {', '.join(found) or 'all fine-grained'}"


def described(report: Report) -> Iterator[str]:
    """The lines about one template."""
    yield report.name
    if report.error:
        yield row("error", "", report.error)
        return
    plural = "s"[: report.definitions != 1]
    size = f"{report.bytes} bytes in {report.definitions} definition{plural}"
    yield row("size", "", f"{size}, {report.slots} slot{'s'[: report.slots != 1]}")
    kinds: dict[str, list[Place]] = defaultdict(list)
    for hole in report.holes:
        kinds[hole.kind].append(hole.place)
    for kind, places in kinds.items():
        yield row(kind, lines(report, places))
    if keyed := [each.place for each in report.lists if each.has_key]:
        yield row("list", lines(report, keyed))
    if report.unkeyed:
        unkeyed = lines(report, (each.place for each in report.unkeyed))
        yield row("list", unkeyed, "without a key: a row that moves is sent again")
        yield row("", "", '→ give the element of the row dj-key="{{ … }}"')
    opaque: dict[tuple[str, Why], list[Place]] = defaultdict(list)
    for each in report.opaque:
        opaque[each.node, each.why].append(each.place)
    for (node, why), places in opaque.items():
        yield row("opaque", lines(report, places), f"{node}: {WHY_OPAQUE[why]}")
    for region in report.raw:
        what, how = WHY_RAW[region.why]
        cause = lines(report, [region.place])
        between = lines(report, [region.first, region.last], "–")
        yield row("raw", between, f"line {cause} {what}")
        yield row("", "", f"→ {how}")


def row(label: str, where: str, text: str = "") -> str:
    return f"  {label:<13} {where:<10} {text}".rstrip()


def lines(report: Report, places: Iterable[Place], between: str = ", ") -> str:
    """Line numbers, once each, with the template's name where it is another one."""
    known = sorted((place for place in places if place.line), key=lambda place: place.line or 0)
    named = dict.fromkeys(
        f"{place.line}"
        if place.template in (report.name, None)
        else f"{place.template}:{place.line}"
        for place in known
    )
    return between.join(named) or "?"
