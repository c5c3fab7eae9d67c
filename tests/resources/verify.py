#!/usr/bin/env python3
"""Check every row of third-party.toml against the library's own source.

    tests/resources/verify.py [--update]

`source` of a row names a module, its version, and the file and line of the declaration. Each module is downloaded
(`go mod download`, so the module proxy or GOFLAGS=-mod=mod cache is asked), and the row must agree with it: the call is
declared there under this full name, the error result is where the row says, the resource's type has the release
method (when the module itself declares that type), and the method takes a context exactly where the group says so.
--update looks at the newest versions instead and prints the rows whose source would change. Exits 1 on a difference.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).parent
TABLE = HERE.parent.parent / "transforms/missing-close/third-party.toml"


def apart(call):
    """The import path and `Func` or `Type.Method` of a full name."""
    method = re.fullmatch(r"\(\*?(.*)\)\.(\w+)", call)
    name = method.group(1) if method else call
    path, _, last = name.rpartition(".")
    return path, f"{last}.{method.group(2)}" if method else last


def download(module):
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(["go", "mod", "download", "-json", module], cwd=scratch, capture_output=True, text=True)
    try:
        return module, json.loads(done.stdout)
    except json.JSONDecodeError:
        return module, {"Error": done.stderr.strip()}


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--update", action="store_true")
    args = args.parse_args()
    groups = tomllib.loads(TABLE.read_text())["group"]
    rows = [(group, row) for group in groups for row in group["rows"]]
    wanted = collections.OrderedDict()
    for _, row in rows:
        path, _, version = row["source"].split(" ")[0].partition("@")
        wanted[f"{path}@{'latest' if args.update else version}"] = path
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        modules = {wanted[name]: found for name, found in pool.map(download, wanted)}
    wrong = []
    questions = []
    for group, row in rows:
        path, symbol = apart(row["call"])
        module = row["source"].split("@")[0]
        questions.append({
            "dir": modules[module].get("Dir", ""), "module": module, "package": path, "symbol": symbol,
            "result": row.get("result", 0), "release": group.get("release", []), "field": group.get("field", ""),
        })
    text = "\n".join(json.dumps(question) for question in questions)
    asked = subprocess.run(["go", "run", str(HERE / "lookup.go")], input=text, capture_output=True, text=True, check=True)
    for (group, row), question, line in zip(rows, questions, asked.stdout.splitlines(), strict=True):
        answer, found = json.loads(line), modules[question["module"]]
        if found.get("Error") or answer.get("error"):
            wrong.append(f"{row['call']}: {found.get('Error') or answer['error']}")
            continue
        errors = [at for at, ty in enumerate(answer["results"]) if ty == "error"]
        source = f"{question['module']}@{found['Version']} {answer['file']}:{answer['line']}"
        if answer["name"] != row["call"]:
            wrong.append(f"{row['call']}: its full name is {answer['name']}")
        if (errors or [None])[-1] != row.get("error"):
            wrong.append(f"{row['call']}: its results are {answer['results']}")
        if source != row["source"]:
            wrong.append(f"{row['call']}: source = \"{source}\"")
        release = answer.get("release")
        silent = group["disposition"] in ("never", "optional")
        if release and not silent:
            needed = [ty for ty in release["params"] if not ty.startswith("...")]
            if needed != (["context.Context"] if group.get("context") else []):
                wrong.append(f"{row['call']}: {release['name']} takes {needed}")
    for line in wrong:
        print(line)
    print(f"{len(rows)} rows of {len(wanted)} modules, {len(wrong)} differences", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
