"""Reads a report from stdin with the readers that such reports are made for, and prints what they saw as JSON."""

import json
import sys
from xml.etree import ElementTree


def junit(text):
    from junitparser import Failure, JUnitXml, Skipped

    report = JUnitXml.fromroot(ElementTree.fromstring(text))
    cases = {}
    for suite in report:
        assert suite.tests == len(list(suite)), suite.name
        for case in suite:
            kinds = {type(result) for result in case.result}
            cases[case.name] = "failure" if Failure in kinds else "skipped" if Skipped in kinds else "passed"
            assert case.classname == f"vaultiam.{suite.name}", case.classname
    return {"cases": cases, "failures": report.failures, "tests": report.tests}


def prometheus(text):
    from prometheus_client.parser import text_string_to_metric_families

    families = {family.name: family for family in text_string_to_metric_families(text)}
    outcomes = {
        sample.labels["check"]: sample.labels["outcome"]
        for sample in families["vaultiam_check_outcome"].samples if sample.value == 1
    }
    assert all(sample.timestamp is None for family in families.values() for sample in family.samples)
    return {
        "outcomes": outcomes,
        "exit_code": families["vaultiam_check_exit_code"].samples[0].value,
        "timestamp": families["vaultiam_check_last_run_timestamp_seconds"].samples[0].value,
        "types": sorted({family.type for family in families.values()}),
    }


# XML is bytes with a declaration.
READERS = {"junit": lambda text: junit(text.encode()), "prometheus": prometheus}

json.dump(READERS[sys.argv[1]](sys.stdin.read()), sys.stdout)
