"""The `rapport` command.

A sub-command is a module `cli/<name>.py` that exports `app` (a typer.Typer) or a function `command`, and one line in
`COMMANDS`. It is imported when it is called, after Django is set up and the database answers, so its imports stand at
the top of its file. It works while `rapport run` is running and also alone: then the database is started for as long
as the command lasts.
"""

from rapport.cli.lazy import Listed, program

COMMANDS = (
    Listed(
        "run", "rapport.cli.run", "Start everything: database, web, worker, mailbox. Ctrl-C stops it.", needs="nothing"
    ),
    Listed("worker", "rapport.cli.worker", "Do the work that is due, until stopped.", process="worker"),
    Listed("mailbox", "rapport.cli.mailbox", "Take mail on loopback and show it in the Outbox.", process="mailbox"),
    Listed("migrate", "rapport.cli.migrate", "Bring the database to this version of the program."),
    Listed("db-shell", "rapport.cli.db_shell", "Open psql on the database."),
    Listed("manage", "rapport.cli.manage", "Run a Django management command.", needs="django"),
    Listed("demo", "rapport.cli.demo", "Load or enlarge the demo clinic."),
    Listed("import", "rapport.cli.imports", "Take in files: FHIR bundles and NDJSON."),
    Listed("mail", "rapport.cli.mail", "Fetch what came back by mail; check the sending domain."),
    Listed("trace", "rapport.cli.trace", "Print the whole trip of one thing, with its reasons."),
    Listed("receipt", "rapport.cli.receipt", "Repeat the decision behind a receipt."),
    Listed("audit", "rapport.cli.audit", "Verify the sealed audit trail."),
    Listed("keys", "rapport.cli.keys", "Look after the encryption keys."),
    Listed("erasures", "rapport.cli.erasures", "Tell a restored backup who was erased since it was made."),
    Listed("data-classes", "rapport.cli.data_classes", "Which codes are delicate; tag again what is known."),
    Listed("warehouse", "rapport.cli.warehouse", "Look after the columnar copy."),
)

main = program(COMMANDS)
