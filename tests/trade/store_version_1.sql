PRAGMA application_id=1464226898;
PRAGMA user_version=1;
BEGIN TRANSACTION;
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "about" VALUES('created_at','2026-11-27T17:57:30Z');
INSERT INTO "about" VALUES('software','0.1.0');
INSERT INTO "about" VALUES('vocabulary','2026.11');
CREATE TABLE conversions (
    id INTEGER PRIMARY KEY,
    specimen INTEGER NOT NULL REFERENCES specimens (id),
    factor TEXT NOT NULL,
    table_version TEXT NOT NULL,
    table_sha256 TEXT NOT NULL,
    assumption TEXT NOT NULL,
    source TEXT NOT NULL,
    from_low REAL,
    from_high REAL,
    from_unit TEXT NOT NULL,
    low REAL,
    middle REAL,
    high REAL,
    measure TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
INSERT INTO "conversions" VALUES(1,1,'pangolin-scales-javanica','2026.11','8fd702fed473190fb8dc5c945c34c5d6d14dc3e0d37c5959ed1e4390e7d38b7a','0.36 kg of dry scales from a Sunda pangolin','Zhou, Z.-M., Zhou, Y., Newman, C. & Macdonald, D.W. 2014, Scaling up pangolin protection in China, Frontiers in Ecology and the Environment 12, 97-98, doi:10.1890/14.WB.001',36.0,36.0,'kg',100.0,100.0,100.0,'animals','2026-11-27T17:57:30Z');
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    header TEXT NOT NULL CHECK (json_valid(header)),
    mapping TEXT NOT NULL,
    mapping_sha256 TEXT NOT NULL,
    vocabulary TEXT NOT NULL,
    software TEXT NOT NULL,
    imported_at TEXT NOT NULL
) STRICT;
INSERT INTO "files" VALUES(1,'s.csv','14da3a1ea966ef4f033c84136045aec78f919f8118040a513a88e0ca53798b74',171,'["Reference", "Date", "Species", "Term", "Quantity", "Country", "Origin", "Destination", "Case"]','aitr','2026.11','2026.11','0.1.0','2026-11-27T17:57:30Z');
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    specimen INTEGER REFERENCES specimens (id),
    field TEXT NOT NULL,
    before TEXT,
    after TEXT,
    code TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
INSERT INTO "history" VALUES(1,1,NULL,'destination','ZR','CD','COUNTRY_FORMER','a','','2026-11-27T17:57:30Z');
CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    specimen INTEGER REFERENCES specimens (id),
    kind TEXT NOT NULL CHECK (kind IN ('case', 'exhibit', 'finding')),
    ledger TEXT NOT NULL,
    name TEXT NOT NULL,
    checked INTEGER NOT NULL CHECK (checked IN (0, 1)),
    UNIQUE (seizure, specimen, kind, ledger, name)
) STRICT;
INSERT INTO "links" VALUES(1,1,NULL,'case','','A',0);
CREATE TABLE problems (
    id INTEGER PRIMARY KEY,
    "row" INTEGER NOT NULL REFERENCES rows (id),
    specimen INTEGER REFERENCES specimens (id),
    field TEXT NOT NULL,
    code TEXT NOT NULL,
    found TEXT NOT NULL,
    expected TEXT NOT NULL,
    suggestion TEXT NOT NULL
) STRICT;
INSERT INTO "problems" VALUES(1,2,2,'quantity','QUANTITY_AMBIGUOUS','1.200 kg','a quantity with one reading; it may be 1.2 or 1200. Say the decimal sign: --decimal','');
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files (id),
    number INTEGER NOT NULL,
    cells TEXT NOT NULL CHECK (json_valid(cells)),
    sha256 TEXT NOT NULL,
    UNIQUE (file, number)
) STRICT;
INSERT INTO "rows" VALUES(1,1,2,'["R1", "2019-03-05", "Manis javanica", "SCA", "36 kg", "SG", "ID", "ZR", "A"]','8f2b5a0acd0e0c2377f6b53dabc83664ca13a49a24fe0bc91cd3b188599f1929');
INSERT INTO "rows" VALUES(2,1,3,'["R2", "2020-03-05", "Manis javanica", "SCA", "1.200 kg", "SG", "ID", "CN", ""]','6bd08244377f39bd28f6a9a8e14986ab010149e107dc4a4ff34bf5965c1ca9c5');
CREATE TABLE seizures (
    id INTEGER PRIMARY KEY,
    reference TEXT, date TEXT, country TEXT, place TEXT, agency TEXT, reason TEXT, transport TEXT, concealment TEXT, detection TEXT, transit TEXT, destination TEXT, nationality TEXT, law TEXT, sanction TEXT, information TEXT, admin1 TEXT, latitude REAL, longitude REAL, departure TEXT, basis TEXT
) STRICT;
INSERT INTO "seizures" VALUES(1,'R1','2019-03-05','SG',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'CD',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "seizures" VALUES(2,'R2','2020-03-05','SG',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'CN',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE specimens (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    number INTEGER NOT NULL,
    "row" INTEGER REFERENCES rows (id),
    species TEXT, term TEXT, quantity_low REAL CHECK (quantity_low >= 0), quantity_high REAL CHECK (quantity_high >= quantity_low), approximate INTEGER NOT NULL DEFAULT 0 CHECK (approximate IN (0, 1)), quantity_text TEXT, unit TEXT, origin TEXT, value REAL, currency TEXT, disposal TEXT, pieces REAL, description TEXT, appendix TEXT, source TEXT, purpose TEXT,
    UNIQUE (seizure, number)
) STRICT;
INSERT INTO "specimens" VALUES(1,1,1,1,'Manis javanica','SCA',36.0,36.0,0,'36 kg','kg','ID',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "specimens" VALUES(2,2,1,2,'Manis javanica','SCA',NULL,NULL,0,'1.200 kg',NULL,'ID',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE INDEX specimens_row ON specimens ("row");
CREATE UNIQUE INDEX conversions_once ON conversions (
    specimen, measure, factor, table_sha256, coalesce(from_low, -1), coalesce(from_high, -1), from_unit
);
CREATE TRIGGER files_update BEFORE UPDATE ON files BEGIN SELECT RAISE(ABORT, 'files are never changed'); END;
CREATE TRIGGER files_delete BEFORE DELETE ON files BEGIN SELECT RAISE(ABORT, 'files are never changed'); END;
CREATE TRIGGER rows_update BEFORE UPDATE ON rows BEGIN SELECT RAISE(ABORT, 'rows are never changed'); END;
CREATE TRIGGER rows_delete BEFORE DELETE ON rows BEGIN SELECT RAISE(ABORT, 'rows are never changed'); END;
CREATE TRIGGER history_update BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history are never changed'); END;
CREATE TRIGGER history_delete BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'history are never changed'); END;
COMMIT;
