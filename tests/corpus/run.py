#!/usr/bin/env python3
"""Try `unleak` on trees of Go code that nobody here wrote, and prove what it did.

    tests/corpus/run.py --unleak target/release/unleak DIR [DIR ...]
    tests/corpus/run.py --unleak target/release/unleak "$(go env GOROOT)"

Each DIR is copied, `unleak -w` rewrites the copy, and the copy is compared with the original:
 - gofmt -l must not name a file that it did not name before;
 - `go vet` (type check and the default analyzers) of the rewritten packages must say nothing new;
 - a second run must find nothing to fix.
Prints one Markdown table row a tree, then the reasons of the declined findings. Exits 1 when a check fails.
Packages whose dependencies are missing are counted as "not type-checked", never as passed.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time


def run(args, cwd, timeout=3600, env=None):
    return subprocess.run(args, cwd=cwd, env=env, capture_output=True, text=True, errors="replace", timeout=timeout)


def part_of(tree):
    """Of a GOROOT its sources; the compiler's own tests beside them are not meant to build."""
    return "src" if (tree / "src/runtime").exists() else "."


def findings(unleak, tree, extra):
    done = run([unleak, "--format", "json", "--exit-zero", *extra, part_of(tree)], tree)
    if done.returncode not in (0, 2) or not done.stdout:
        sys.exit(f"{tree}: unleak failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)["findings"], done.stderr


def module_of(path, tree):
    for parent in [path.parent, *path.parent.parents]:
        if (parent / "go.mod").exists():
            return parent
        if parent == tree:
            return tree
    return tree


def go_of(root):
    """The go command for a tree: a GOROOT's own, since only it may compile that standard library."""
    for parent in [root, *root.parents]:
        if (parent / "bin/go").exists() and (parent / "src/runtime").exists():
            return [str(parent / "bin/go")], {**os.environ, "GOROOT": str(parent), "GOTOOLCHAIN": "local"}
    return ["go"], None


def buildable(root, packages):
    """The packages that have files for this machine: vet stops at the first that has none, and checks nothing."""
    go, env = go_of(root)
    files = "{{if or .GoFiles .CgoFiles .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}"
    done = run([*go, "list", "-e", "-f", files, *packages], root, env=env)
    return sorted("./" + os.path.relpath(line, root) for line in done.stdout.split("\n") if line)


def vet(root, packages):
    """Vet's complaints by package, without line numbers (a fix moves lines)."""
    go, env = go_of(root)
    done = run([*go, "vet", *packages], root, env=env)
    text = done.stderr
    complaints = collections.Counter()
    for line in text.splitlines():
        line = re.sub(r"^(vet: )?(\./)?(\S+?\.go):\d+(:\d+)?: ", r"\3: ", line)
        if not line.startswith("#") and not line.startswith("go: "):
            complaints[re.sub(r"\bline \d+|:\d+:\d+\b|:\d+\b", "", line)] += 1
    unresolved = "no required module provides" in text or "missing go.sum entry" in text or "cannot find module" in text
    return complaints, unresolved


def check(unleak, source, extra):
    started = time.time()
    found, _ = findings(unleak, source, extra)
    seconds = time.time() - started
    by = collections.Counter((f["rule"], f["status"]) for f in found)
    reasons = collections.Counter((f["rule"], f["reason"]["id"]) for f in found if f.get("reason"))
    problems, unchecked = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        tree = pathlib.Path(scratch) / source.name
        shutil.copytree(source, tree, symlinks=True)
        run(["chmod", "-R", "u+w", "."], tree)
        run([unleak, "-w", "--verify=never", *extra, part_of(tree)], tree)
        changed = [
            p for p in tree.rglob("*.go")
            if p.is_file() and not p.is_symlink() and p.read_bytes() != (source / p.relative_to(tree)).read_bytes()
        ]
        for path in changed:
            before = run(["gofmt", "-l", str(source / path.relative_to(tree))], source).stdout.strip()
            after = run(["gofmt", "-l", str(path)], tree)
            if (after.stdout.strip() or after.stderr.strip()) and not before:
                problems.append(f"gofmt: {path.relative_to(tree)} {after.stderr.strip()[:200]}")
        modules = collections.defaultdict(set)
        for path in changed:
            root = module_of(path, tree)
            modules[root].add("./" + str(path.parent.relative_to(root)))
        for root, packages in modules.items():
            if not (root / "go.mod").exists():
                unchecked += len(packages)
                continue
            checked = buildable(root, sorted(packages))
            unchecked += len(packages) - len(checked)
            if not checked:
                continue
            old, old_unresolved = vet(source / root.relative_to(tree), checked)
            new, _ = vet(root, checked)
            if old_unresolved:
                unchecked += len(checked)
                continue
            for line, count in (new - old).items():
                problems.append(f"vet: {line} (x{count})")
        again, _ = findings(unleak, tree, extra)
        for f in again:
            if f["status"] in ("offered", "fixed"):
                problems.append(f"second run: {f['path']}:{f['start']['line']}: {f['rule']}: {f['message']}")
    return by, reasons, len(changed), unchecked, problems, seconds


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--unleak", default="target/release/unleak")
    args.add_argument("--unsafe-fixes", action="store_true")
    args.add_argument("--select")
    args.add_argument("dirs", nargs="+", type=pathlib.Path)
    args = args.parse_args()
    unleak = str(pathlib.Path(args.unleak).resolve())
    extra = (["--unsafe-fixes"] if args.unsafe_fixes else []) + (["--select", args.select] if args.select else [])
    reasons, failed = collections.Counter(), False
    print("| tree | rule | findings | safe | unsafe | declined | files changed | packages not type-checked | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for source in args.dirs:
        by, why, changed, unchecked, problems, seconds = check(unleak, source.resolve(), extra)
        reasons += why
        for rule in sorted({r for r, _ in by}):
            count = {s: n for (r, s), n in by.items() if r == rule}
            print(f"| {source.name} | {rule} | {sum(count.values())} | {count.get('offered', 0)} | {count.get('unsafe', 0)} "
                  f"| {count.get('declined', 0)} | {changed} | {unchecked} | {seconds:.1f} |", flush=True)
        for problem in problems:
            failed = True
            print(f"PROBLEM {source.name}: {problem}", flush=True)
    print("\n| rule | reason | declined |\n| --- | --- | --- |")
    for (rule, reason), count in reasons.most_common():
        print(f"| {rule} | {reason} | {count} |")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
