"""The pages' own tests: what is pure in them, and components, with Vitest."""

from local import node


def test_the_tests_of_web_pass() -> None:
    node.install()
    node.run("vitest/vitest.mjs", "run")
