"""`make eval` in its short form: the practice model, on the site that the tests share."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from agents_app.tools import TOOLS
from evaluation.__main__ import evaluate
from evaluation.cases import Case, read_cases
from evaluation.judging import find_faults
from evaluation.playing import Talk
from evaluation.report import Result, write_report
from evaluation.site import answers_canned
from tests.fixtures.site import Site


def test_the_practice_model_achieves_what_it_understands(live_site: Site, tmp_path: Path) -> None:
    assert answers_canned(live_site.url)
    cases = read_cases(for_practice=True)

    results, model = evaluate(live_site.url, live_site.data_dir, cases)

    assert {result.talk.case.id: result.faults for result in results if result.faults} == {}
    assert model == "practice"
    page = write_report(results, model, tmp_path).read_text()
    assert page.count("| yes |") == len(cases)
    assert "price unknown" in page
    assert (tmp_path / "report.svg").read_text().startswith("<svg")


def test_there_are_cases_for_every_tool_and_topic() -> None:
    cases = read_cases()

    assert len(cases) >= 40
    assert len({case.id for case in cases}) == len(cases)
    assert {tool.name for tool in TOOLS} <= {tool for case in cases for tool in case.tools}
    topics = Counter(case.topic for case in cases)
    assert min(topics[topic] for topic in ("approvals", "hand-over", "refusal", "injection")) >= 4
    assert len({case.language for case in cases}) >= 6


def test_a_case_that_went_wrong_says_how() -> None:
    case = Case(
        "id", "tools", ["Hi"], tools=["add_bag"], not_done=["cancel"], says=["done"], times={"cancel": 2}
    )
    talk = Talk(case, replies=["No."], calls=[{"name": "cancel", "arguments": {}, "status": "completed"}])

    assert find_faults(talk) == [
        "didn't do add_bag",
        "did cancel",
        "called cancel 1 times, not 2",
        "doesn't say done",
    ]
    assert Result(talk, []).cost is None
