"""`python .ci/answers.py postgres|redis URL`: exit 0 if the server answers and lets the tests do what they need."""

import sys

kind, url = sys.argv[1:]
try:
    if kind == "postgres":
        import psycopg

        with psycopg.connect(url, connect_timeout=3) as connection:
            # The tests lift the append-only triggers between them, which takes a superuser.
            [superuser] = connection.execute(
                "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        sys.exit(0 if superuser else 1)
    import redis

    redis.Redis.from_url(url, socket_connect_timeout=3).ping()
except Exception as error:
    print(
        f"{kind}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", file=sys.stderr
    )
    sys.exit(1)
