#!/usr/bin/env python3
"""What unleak prints, read by the programs it is printed for.

    tests/surfaces/check.py --unleak PROGRAM [CHECK…]

Checks: schemas, annotations, action, install, precommit, reviewdog, prism, html, editor (all, when none is named). tools.py
says which programs they need and where they come from.
"""

import argparse
import pathlib
import shutil

import editor
import formats
import packaging
import page
import reviews
import tools

CHECKS = {
    "schemas": formats.schemas,
    "annotations": formats.annotations,
    "action": packaging.action,
    "install": packaging.install,
    "precommit": packaging.precommit,
    "reviewdog": reviews.reviewdog_check,
    "prism": reviews.prism,
    "html": page.html,
    "editor": editor.editor,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unleak", required=True, type=pathlib.Path)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=", ".join(CHECKS))
    parser.add_argument("--quick", action="store_true", help="without the largest input and what is built with cargo")
    arguments = parser.parse_args()
    formats.QUICK = packaging.QUICK = arguments.quick
    unleak = arguments.unleak.resolve()
    assert shutil.which(unleak), f"{unleak} is not a program"
    tools.TOOLS.mkdir(parents=True, exist_ok=True)
    names = arguments.checks or list(CHECKS)
    for name in names:
        print(f"{name}:", flush=True)
        CHECKS[name](unleak)
    print(f"{len(names)} passed, 0 failed")


if __name__ == "__main__":
    main()
