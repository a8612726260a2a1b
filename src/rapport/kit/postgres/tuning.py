"""Server settings for the machine at hand, and the ones that keep patients out of the server's log."""

import os
from pathlib import Path

MB = 1024 * 1024

# An error message may quote a value and a statement quotes all of them, so neither may reach the log file:
# level "log" keeps the server's own news, fatal errors and panics and leaves out what a client did wrong.
QUIET = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_temp_files": "-1",
    "log_lock_waits": "off",
    "log_autovacuum_min_duration": "-1",
    "log_line_prefix": "%m [%p] ",
    "lc_messages": "C",
}

THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
}


def settings(*, socket: Path, memory: int | None = None, throw_away: bool = False) -> dict[str, str]:
    """All settings given on the server's command line. `memory` in bytes; asked from the system when left out."""
    memory = memory or _memory()
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "password_encryption": "scram-sha-256",
        "max_connections": "100",
        "timezone": "UTC",
        "jit": "off",
        "random_page_cost": "1.1",
        "shared_buffers": _megabytes(memory / 8, 128, 2048),
        "effective_cache_size": _megabytes(memory / 2, 256, 65536),
        "maintenance_work_mem": _megabytes(memory / 32, 64, 512),
        "work_mem": _megabytes(memory / 512, 4, 32),
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.02",
        **QUIET,
    }
    if _shared_memory_is_small():
        chosen["dynamic_shared_memory_type"] = "sysv"  # a container's 64 MB /dev/shm breaks parallel queries
    if throw_away:
        chosen |= THROW_AWAY
    return chosen


def _megabytes(wanted: float, least: int, most: int) -> str:
    return f"{int(min(max(wanted / MB, least), most))}MB"


def _memory() -> int:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def _shared_memory_is_small() -> bool:
    try:
        seen = os.statvfs("/dev/shm")  # noqa: S108 - its size is asked, nothing is written
    except OSError:
        return False
    return seen.f_frsize * seen.f_blocks < 256 * MB
