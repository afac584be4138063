"""The stages: one file, one plain function, one `main()` for `dvc repro`. They read and write tables; no Prefect here."""
