#!/usr/bin/env python3
"""Writes the dashboards as JSON for Grafana: build.py [FOLDER], the folder above this one where none is named."""
import json
import pathlib
import sys

import agent
import cluster
import decisions
from grafana_foundation_sdk.cog.encoder import JSONEncoder

HERE = pathlib.Path(__file__).resolve().parent


def main(folder):
    for module in (cluster, decisions, agent):
        model = json.loads(json.dumps(module.made().build(), cls=JSONEncoder))
        path = folder / f"{model['uid']}.json"
        path.write_text(json.dumps(model, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent)
