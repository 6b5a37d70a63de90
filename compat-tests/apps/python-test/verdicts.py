"""Runs one module of Python's test package and prints a line "test verdict" for each test, sorted."""
import io
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


def main():
    support.use_resources = ["subprocess"]
    name = sys.argv[1]
    result = Verdicts()
    suite = unittest.defaultTestLoader.loadTestsFromName("test." + name)
    suite.run(result)
    sys.stdout.flush()
    for test, verdict in sorted(result.of.items()):
        print(test, verdict)


if __name__ == "__main__":
    main()
