"""A private PostgreSQL, started by us as a direct child and reachable by a unix socket only.

    with postgres.start(home.find()) as cluster:
        connect(cluster.url)

`DATABASE_URL` wins over everything: then nothing is started and `url()` returns it. Otherwise one process owns the
server (it holds `postgres.lock` and is its parent); others that ask for it are guests and never stop it.
"""

from rapport.kit.postgres.address import outside_url, url
from rapport.kit.postgres.binaries import NoPostgres
from rapport.kit.postgres.cluster import Cluster, ClusterFailed, ClusterInUse, destroy, start

__all__ = ["Cluster", "ClusterFailed", "ClusterInUse", "NoPostgres", "destroy", "outside_url", "start", "url"]
