#!/usr/bin/env python3
r"""Try `unleak` on trees of Go code that nobody here wrote, and prove what it did.

    tests/corpus/run.py --unleak target/release/unleak DIR [DIR ...]
    tests/corpus/run.py --unleak target/release/unleak "$(go env GOROOT)"
    tests/corpus/run.py --unleak target/release/unleak --repositories tests/corpus/repositories.txt \
        --cache ~/.cache/unleak-corpus --report docs/corpus-report.md

With --repositories the trees are those of the list, fetched once into --cache (owner+name) at the commit it names.

Each DIR is copied, `unleak -w` rewrites the copy, and the copy is compared with the original:
 - gofmt -l must not name a file that it did not name before;
 - `go vet` (type check and the default analyzers) of the rewritten packages must say nothing new;
 - a second run must find nothing to fix.
Prints one Markdown table row a tree, then the reasons of the declined findings. Exits 1 when a check fails.
Packages whose dependencies are missing are counted as "not type-checked", never as passed; so are those of a tree
whose vet takes longer than --vet-seconds (0: vet is not run).
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


HEADER = """# What unleak says of large repositories
Made by `tests/corpus/run.py --repositories tests/corpus/repositories.txt --report docs/corpus-report.md` (see there for
what it checks on a copy of each tree: gofmt, `go vet`, a second run; a failed check would stand here as a PROBLEM line).
Lines count Go files outside `vendor`. `safe` fixes are what `-w` writes, `unsafe` ones need `--unsafe-fixes`, and each
declined finding has one of the reasons below.

"""


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


def vet(root, packages, seconds):
    """Vet's complaints by package, without line numbers (a fix moves lines)."""
    go, env = go_of(root)
    done = run([*go, "vet", *packages], root, env=env, timeout=seconds)
    text = done.stderr
    complaints = collections.Counter()
    for line in text.splitlines():
        line = re.sub(r"^(vet: )?(\./)?(\S+?\.go):\d+(:\d+)?: ", r"\3: ", line)
        if not line.startswith("#") and not line.startswith("go: "):
            complaints[re.sub(r"\bline \d+|:\d+:\d+\b|:\d+\b", "", line)] += 1
    unresolved = "no required module provides" in text or "missing go.sum entry" in text or "cannot find module" in text
    return complaints, unresolved


def lines_of(tree):
    """Lines of Go outside vendor directories."""
    files = (path for path in tree.rglob("*.go") if path.is_file() and "vendor" not in path.relative_to(tree).parts)
    return sum(path.read_bytes().count(b"\n") for path in files)


def fetch(listed, cache):
    """The trees of a list of repositories, each at its commit; commits by tree."""
    trees = {}
    for line in listed.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, commit = line.split()
        tree = cache / name.replace("/", "+")
        if not tree.exists():
            tree.mkdir(parents=True)
            run(["git", "init", "-q"], tree)
            done = run(["git", "fetch", "-q", "--depth", "1", f"https://github.com/{name}", commit], tree)
            if done.returncode or run(["git", "checkout", "-q", "FETCH_HEAD"], tree).returncode:
                shutil.rmtree(tree)
                sys.exit(f"{name}: {done.stderr}")
        trees[tree.resolve()] = (name, commit)
    return trees


def check(unleak, source, extra, vet_seconds):
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
            checked = buildable(root, sorted(packages)) if vet_seconds else []
            unchecked += len(packages) - len(checked)
            if not checked:
                continue
            try:
                old, old_unresolved = vet(source / root.relative_to(tree), checked, vet_seconds)
                new, _ = vet(root, checked, vet_seconds)
            except subprocess.TimeoutExpired:
                unchecked += len(checked)
                continue
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
    args.add_argument("--repositories", type=pathlib.Path)
    args.add_argument("--cache", type=pathlib.Path, default=pathlib.Path.home() / ".cache/unleak-corpus")
    args.add_argument("--report", type=pathlib.Path, help="write the tables to this Markdown file too")
    args.add_argument("--vet-seconds", type=int, default=3600, help="the longest that go vet of one tree may take")
    args.add_argument("dirs", nargs="*", type=pathlib.Path)
    args = args.parse_args()
    trees = fetch(args.repositories, args.cache) if args.repositories else {}
    report = []

    def say(line):
        report.append(line)
        print(line, flush=True)

    unleak = str(pathlib.Path(args.unleak).resolve())
    extra = ["--no-config"] + (["--unsafe-fixes"] if args.unsafe_fixes else []) + (["--select", args.select] if args.select else [])
    reasons, failed = collections.Counter(), False
    vetted = "go vet: " + run(["go", "env", "GOVERSION"], ".").stdout.strip() if args.vet_seconds else "without go vet"
    build = run(["git", "describe", "--always", "--dirty"], pathlib.Path(__file__).parent).stdout.strip()
    say(f"This run: {run([unleak, '--version'], '.').stdout.strip()} at {build}, {vetted}.\n")
    say("| tree | commit | lines | rule | findings | safe | unsafe | declined | files changed | packages not type-checked |")
    say("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    total = collections.Counter()
    for source in [*trees, *args.dirs]:
        name, commit = trees.get(source, (source.name, ""))
        by, why, changed, unchecked, problems, seconds = check(unleak, source.resolve(), extra, args.vet_seconds)
        reasons += why
        lines = lines_of(source)
        total["lines"] += lines
        rows = sorted({rule for rule, _ in by}) or ["(none)"]
        for at, rule in enumerate(rows):
            count = {status: n for (r, status), n in by.items() if r == rule}
            total.update(count)
            of_tree = (name, commit[:12], f"{lines:,}") if at == 0 else ("", "", "")
            rest = (changed, unchecked) if at == 0 else ("", "")
            cells = (*of_tree, rule, sum(count.values()), count.get("offered", 0), count.get("unsafe", 0),
                     count.get("declined", 0), *rest)
            say("| " + " | ".join(map(str, cells)) + " |")
        print(f"{name}: {seconds:.1f} s", file=sys.stderr)
        for problem in problems:
            failed = True
            say(f"PROBLEM {name}: {problem}")
    found = sum(total[status] for status in ("offered", "unsafe", "declined"))
    say(f"| all | | {total['lines']:,} | | {found} | {total['offered']} | {total['unsafe']} | {total['declined']} | | |")
    say("\n| rule | reason | declined |\n| --- | --- | --- |")
    for (rule, reason), count in reasons.most_common():
        say(f"| {rule} | {reason} | {count} |")
    if args.report:
        # What people wrote under the tables stays.
        old = args.report.read_text() if args.report.exists() else ""
        _, mark, by_hand = old.partition("\n## Read by hand")
        args.report.write_text(HEADER + "\n".join(report) + "\n" + mark + by_hand)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
