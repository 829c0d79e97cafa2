"""The tables of the index. All of it can be made again from the trail."""

COLUMNS = (
    "release_id",
    "state",
    "reason",
    "since",
    "route",
    "study",
    "job_no",
    "image_no",
    "coded_name",
    "subject",
    "job_hmac",
    "source_sha256",
    "result_sha256",
    "named",
    "disposed",
    "published_at",
    "seq",
)
"""The columns of `releases`, in the order of `queries.Release`."""

SCRIPT = """
CREATE TABLE IF NOT EXISTS releases (
    release_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    reason TEXT,
    since TEXT NOT NULL,
    route TEXT,
    study TEXT,
    job_no TEXT,
    image_no INTEGER,
    coded_name TEXT,
    subject TEXT,
    job_hmac TEXT,
    source_sha256 TEXT,
    result_sha256 TEXT,
    named INTEGER NOT NULL,
    disposed INTEGER NOT NULL,
    published_at TEXT,
    seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_job ON releases (job_no) WHERE named;
CREATE INDEX IF NOT EXISTS by_subject ON releases (route, subject) WHERE named;
CREATE INDEX IF NOT EXISTS by_source ON releases (source_sha256) WHERE named;
CREATE INDEX IF NOT EXISTS by_name ON releases (coded_name) WHERE coded_name IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_state ON releases (state, since);
CREATE INDEX IF NOT EXISTS by_published ON releases (published_at) WHERE published_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    sha256 TEXT NOT NULL
);
INSERT OR IGNORE INTO head VALUES (1, 0, printf('%064d', 0));
PRAGMA user_version = 1;
"""
