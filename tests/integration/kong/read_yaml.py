"""Reads YAML files with PyYAML, whose rules are those of YAML 1.1.

Takes a JSON list of texts on stdin; writes what each of them means.
"""

import json
import sys

import yaml

json.dump([yaml.safe_load(text) for text in json.load(sys.stdin)], sys.stdout)
