-- A hub with :n orders that four targets were given, each with an id of its own for them, and a journal entry made of each of them that one
-- target was given: five deliveries an order. Every hundredth order was refused at first. The file is one that hub-load has made.
INSERT OR IGNORE INTO entity (name) VALUES ('order'), ('journal_entry');
INSERT OR IGNORE INTO source (name) VALUES ('shop');
INSERT INTO target (name, ledger) VALUES ('crm:orders', 1), ('stock:orders', 1), ('mail:orders', 1), ('carrier:labels', 1), ('books:journals', 1);
INSERT INTO flow (name) VALUES ('bench');
INSERT INTO run (flow, name, pid, at) VALUES (1, 'bench', 1, 1790000000);

-- Orders have odd numbers, their journal entries even ones.
CREATE TEMPORARY TABLE one AS WITH RECURSIVE i (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < :n - 1) SELECT i FROM i;
INSERT INTO record (id, entity, source, name, revision)
 SELECT 2 * i + 1, (SELECT id FROM entity WHERE name = 'order'), 1, 4500000000 + 37 * i, 2 * i + 1 FROM one;
INSERT INTO record (id, entity, source, name, revision)
 SELECT 2 * i + 2, (SELECT id FROM entity WHERE name = 'journal_entry'), 1, 4500000000 + 37 * i, 2 * i + 2 FROM one;
INSERT INTO revision (number, record, at, v, version, data)
 SELECT id, id, 1790000000 + id, 1, randomblob(32), json_object('currency', 'EUR', 'number', printf('#%d', id), 'total', '119.80') FROM record;
INSERT INTO made (part, record) SELECT 2 * i + 1, 2 * i + 2 FROM one;
INSERT INTO identity (name, record) SELECT printf('#%d', 2 * i + 1), 2 * i + 1 FROM one;
INSERT INTO delivery (record, target, part, version, n, state, target_id, at)
 SELECT r.id, t.id, 0, v.version, 1, 'applied', printf('%s-%d', substr(t.name, 1, 3), r.id), v.at FROM record AS r
 JOIN revision AS v ON v.number = r.revision JOIN target AS t ON (t.name = 'books:journals') = (r.id % 2 = 0);
INSERT INTO identity (name, record) SELECT target_id, record FROM delivery ORDER BY target_id;
INSERT INTO reject (run, attempt, at, tool, code, field, message, place, entity, source, name, label, stream, held, line, closed, how)
 SELECT 1, 1, 1790000000, 'hub-canon', 'value', '/total', 'not a decimal: "1,5"', 'orders.csv:' || i, (SELECT id FROM entity WHERE name = 'order'),
 1, 4500000000 + 37 * i, printf('#%d', 2 * i + 1), 'shop:orders', 0, '{}', CASE WHEN i % 200 = 0 THEN 1790000001 END, CASE WHEN i % 200 = 0 THEN 'newer' END
 FROM one WHERE i % 100 = 0;
