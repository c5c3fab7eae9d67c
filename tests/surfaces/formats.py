"""The machine-readable formats, by their official schemas and by the library that reads annotations."""

import json
import re

from tools import LEAK, NO_FIX, Module, go_file, npm, pypi, reviewdog, sh

# Leaves out the 25,001 findings, which take minutes without optimisation.
QUICK = False


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
