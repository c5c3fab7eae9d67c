#!/usr/bin/env python3
r"""Draw fixes of one rule at random, to be read by hand: each is shown in its whole function.

    tests/corpus/draw.py --unleak target/release/unleak --seed 1 --count 100 DIR [DIR ...]
    tests/corpus/draw.py --rule goroutine-loop --applicability unsafe --unleak target/release/unleak DIR

Every DIR is a tree as tests/corpus/run.py reads it, and stays as it is. The draw is over the atomic groups of all trees
together, so that a tree counts by what would be written into it; the same seed, trees and program give the same draw.
A fix stands before the reader as a diff of every function that it changes, with all of the function's lines.
"""
import argparse
import collections
import difflib
import json
import pathlib
import random
import subprocess
import sys


def groups_of(unleak, tree, rule, applicability):
    """The rule's groups of that applicability, each with its findings, in the order of the report."""
    extra = ["--unsafe-fixes"] if applicability == "unsafe" else []
    args = [unleak, "--no-config", "--verify=never", "--exit-zero", "--select", rule, "--format", "json", *extra, "."]
    done = subprocess.run(args, cwd=tree, capture_output=True, text=True)
    if done.returncode not in (0, 2) or not done.stdout:
        sys.exit(f"{tree}: unleak failed: {done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    found = collections.defaultdict(list)
    for finding in report["findings"]:
        if "group" in (finding.get("fix") or {}):
            found[finding["fix"]["group"]].append(finding)
    return [(tree, group, found[group["id"]]) for group in report["groups"] if group["applicability"] == applicability]


def rewritten(text, edits):
    """The bytes with the edits made; they do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit["start"], reverse=True):
        text = text[: edit["start"]] + edit["text"].encode() + text[edit["end"] :]
    return text


def functions(lines, changed):
    """The ranges of the top-level declarations around the changed lines: from `func` to a `}`, both at column 0."""
    ranges = []
    for at in changed:
        start = next((n for n in range(min(at, len(lines) - 1), -1, -1) if lines[n].startswith(("func ", "var ", "import "))), 0)
        end = next((n for n in range(at, len(lines)) if lines[n].startswith(("}", ")"))), len(lines) - 1)
        if (start, end) not in ranges:
            ranges.append((start, end))
    return ranges


def show(tree, group, findings):
    for finding in findings:
        print(f"{finding['path']}:{finding['start']['line']}: {finding['message']}")
    for path in sorted({edit["path"] for edit in group["edits"]}):
        text = (tree / path).read_bytes()
        edits = [edit for edit in group["edits"] if edit["path"] == path]
        old = text.decode(errors="replace").splitlines()
        new = rewritten(text, edits).decode(errors="replace").splitlines()
        changed = [text.count(b"\n", 0, edit["start"]) for edit in edits]
        ranges = functions(old, changed)
        at = 0
        # Every line, so that the function can be told from the rest by the old file's line numbers.
        for line in list(difflib.unified_diff(old, new, lineterm="", n=len(old) + len(new)))[3:]:
            if any(start <= at <= end for start, end in ranges):
                print(line)
            at += not line.startswith("+")


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--unleak", default="target/release/unleak")
    args.add_argument("--rule", default="missing-close")
    args.add_argument("--applicability", choices=["safe", "unsafe"], default="safe")
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--count", type=int, default=100)
    args.add_argument("dirs", nargs="+", type=pathlib.Path)
    args = args.parse_args()
    unleak = str(pathlib.Path(args.unleak).resolve())
    trees = sorted(args.dirs, key=lambda tree: tree.name)
    groups = [group for tree in trees for group in groups_of(unleak, tree, args.rule, args.applicability)]
    drawn = random.Random(args.seed).sample(groups, min(args.count, len(groups)))
    print(f"{len(drawn)} of {len(groups)} {args.applicability} groups of {args.rule} in {len(trees)} trees, seed {args.seed}")
    for number, (tree, group, findings) in enumerate(drawn, 1):
        print(f"\n=== {number}: {tree.name}: {findings[0]['fix']['title']}")
        show(tree, group, findings)


if __name__ == "__main__":
    main()
