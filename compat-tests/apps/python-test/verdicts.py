"""verdicts.py MODULE [-PATTERN...]: runs one module of Python's test package, but for tests with PATTERN in their name,
and prints a line "test verdict" for each test, sorted."""
import os
import sys
import unittest
from test import support


class Verdicts(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.of = {}

    def note(self, test, verdict):
        name = test.id().split(" ")[0]
        if self.of.get(name, "ok") == "ok":
            self.of[name] = verdict

    def addSuccess(self, test):
        self.note(test, "ok")

    def addError(self, test, err):
        self.note(test, "ERROR")
        sys.stderr.write(f"ERROR {test.id()}\n{self._exc_info_to_string(err, test)}\n")

    def addFailure(self, test, err):
        self.note(test, "FAIL")
        sys.stderr.write(f"FAIL {test.id()}\n{self._exc_info_to_string(err, test)}\n")

    def addSubTest(self, test, subtest, err):
        if err:
            self.addFailure(test, err)

    def addSkip(self, test, reason):
        self.note(test, "skip")

    def addExpectedFailure(self, test, err):
        self.note(test, "ok")


def without(suite, patterns):
    """The suite without some classes or tests. What a class shares is set up by suites, so they stay as they are."""
    kept = unittest.TestSuite()
    for t in suite:
        if isinstance(t, unittest.TestSuite):
            kept.addTest(without(t, patterns))
        elif not any(p in t.id() for p in patterns):
            kept.addTest(t)
    return kept


def main():
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the tests print is not compared
    support.use_resources = ["subprocess"]
    name = sys.argv[1]
    result = Verdicts()
    suite = unittest.defaultTestLoader.loadTestsFromName("test." + name)
    without(suite, [a[1:] for a in sys.argv[2:]]).run(result)
    for test, verdict in sorted(result.of.items()):
        print(test, verdict, file=out)


if __name__ == "__main__":
    main()
