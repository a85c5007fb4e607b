"""Superset settings of the sample: whatever differs between installations comes from the environment.

SUPERSET_SECRET_KEY        required, long and random; encrypts what Superset stores, so keep it for the life of the volume
SUPERSET_DATABASE_URI      metadata database; default: SQLite in $SUPERSET_HOME (one replica), or postgresql+psycopg2://...
CLICKHOUSE_HOST, _PORT, _USER, _PASSWORD, _SECURE   where the bundle's "clickhouse" really is
"""
import copy
import os

from superset import config as defaults

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]  # no fallback: a well-known key is an open door
SQLALCHEMY_DATABASE_URI = os.environ.get("SUPERSET_DATABASE_URI") or defaults.SQLALCHEMY_DATABASE_URI

# The bundle names clickhousedb://default@clickhouse:8123/franco and has no password. Credentials are put in when a
# connection is opened, so none of them is ever written to the metadata database, to an export or to a log.
BUNDLE_HOST = "clickhouse"


def DB_CONNECTION_MUTATOR(uri, params, username, security_manager, source):  # noqa: N802 - Superset's name
    if uri.drivername.startswith("clickhousedb") and uri.host == BUNDLE_HOST:
        env = os.environ.get
        uri = uri.set(
            host=env("CLICKHOUSE_HOST") or uri.host,
            port=int(env("CLICKHOUSE_PORT") or uri.port or 8123),
            username=env("CLICKHOUSE_USER") or uri.username,
            password=env("CLICKHOUSE_PASSWORD") or uri.password,
        )
        if (env("CLICKHOUSE_SECURE") or "").lower() in ("1", "true", "yes"):
            uri = uri.update_query_dict({"secure": "true"})
    return uri, params


# Nothing leaves the machine. The prebuilt front end always asks for a tracking pixel, whatever SCARF_ANALYTICS says at
# run time; what stops it is the content security policy, so the outside hosts are taken out of it.
TALISMAN_CONFIG = copy.deepcopy(defaults.TALISMAN_CONFIG)
for _rule, _sources in TALISMAN_CONFIG["content_security_policy"].items():
    if isinstance(_sources, list):
        _sources[:] = [s for s in _sources if s.startswith(("'", "blob:", "data:"))]
TALISMAN_CONFIG["session_cookie_secure"] = (os.environ.get("SUPERSET_HTTPS") or "").lower() in ("1", "true", "yes")
SESSION_COOKIE_SAMESITE = "Lax"

DASHBOARD_AUTO_REFRESH_MODE = "force"  # a refresh asks ClickHouse, not a cache
DASHBOARD_AUTO_REFRESH_INTERVALS = [[0, "Don't refresh"], [5, "5 seconds"], *defaults.DASHBOARD_AUTO_REFRESH_INTERVALS[1:]]
ENABLE_CORS = False
