"""S3 through s3fs: how long it is waited for, and what its errors, and those of a disk, mean."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from home.errors import StoreDenied, StoreError, StoreMissing, StoreUnreachable

# How long an S3 server is waited for, seconds; tried four times in all, so that one that is down is told in a minute.
CONNECT_S = 3
ANSWER_S = 15


class Place(Protocol):
    """What the errors have to know of a store; `bucket_exists` is asked on S3 only."""

    url: str
    endpoint_url: str | None

    @property
    def is_remote(self) -> bool: ...

    def bucket_exists(self) -> bool: ...


def open_s3(endpoint_url: str | None) -> Any:
    """An s3fs file system that gives up in a minute, and caches nothing. Keys come from the environment."""
    import s3fs

    config = {
        # Stores other than Amazon's do not answer the newer flexible checksums on ranged reads.
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
        "connect_timeout": CONNECT_S,
        "read_timeout": ANSWER_S,  # counted from the end of what we send, so that a slow uplink does not meet it
        "retries": {"total_max_attempts": 2, "mode": "standard"},
    }
    opened = s3fs.S3FileSystem(
        endpoint_url=endpoint_url, config_kwargs=config, use_listings_cache=False, skip_instance_cache=True
    )
    # On top of botocore's; five by default, which makes minutes of a server that never answers.
    opened.retries = 2
    return opened


def put_file(opened: Any, path: Path, target: str) -> None:
    """Send a file as one object, up to S3's 5 GB for that; memory does not grow with it, as it does with s3fs' own.

    Args:
        opened: what `open_s3` gave.
        path: the file.
        target: bucket and key.

    Raises:
        OSError, and botocore's: `translated` knows what they mean.
    """
    from botocore.exceptions import ClientError, HTTPClientError
    from fsspec.asyn import sync
    from s3fs.errors import translate_boto_error

    bucket, key, _ = opened.split_path(target)

    async def put() -> None:
        await opened.set_session()
        client = await opened.get_s3(bucket)
        for tries_left in reversed(range(opened.retries)):
            try:
                with path.open("rb") as body:  # s3fs' own retry would go on where the last one broke off
                    await client.put_object(Bucket=bucket, Key=key, Body=body)
                return
            except ClientError as error:
                raise translate_boto_error(error) from error
            except HTTPClientError:
                if not tries_left:
                    raise

    sync(opened.loop, put)


class RemoteFile:
    """An object on S3 as a file: whatever goes wrong while it is read is a StoreError, not a broken film."""

    def __init__(self, store: Place, key: str, file: Any) -> None:
        self._store, self._key, self._file = store, key, file

    def read(self, size: int = -1) -> bytes:
        with translated(self._store, self._key):
            return bytes(self._file.read(size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> RemoteFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@contextlib.contextmanager
def translated(store: Place, key: str) -> Iterator[None]:
    """fsspec's and botocore's errors as ours, without any credential in them."""
    place = f"{store.url.rstrip('/')}/{key}"
    try:
        yield
    except StoreError:
        raise
    except FileNotFoundError as error:
        raise StoreMissing(f"{place}: {_missing(store)}") from error
    except PermissionError as error:
        raise StoreDenied(f"{place}: access refused; {_refused(store, error)}") from error
    except (OSError, EOFError) as error:
        if not store.is_remote:
            raise StoreError(f"{place}: {getattr(error, 'strerror', None) or error}; check the disk") from error
        code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
        if code:
            raise StoreError(f"{place}: the S3 server refused it ({code})") from error
        raise StoreUnreachable(_silent(store, place, error)) from error
    except Exception as error:
        if not type(error).__module__.startswith(("botocore", "aiobotocore", "aiohttp", "s3fs", "fsspec")):
            raise
        if "Credentials" in type(error).__name__:
            right = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            raise StoreDenied(f"{place}: no usable credentials; {right}") from error
        raise StoreUnreachable(_silent(store, place, error)) from error


def _missing(store: Place) -> str:
    """Whether it is the object that is missing or the whole bucket: S3 answers both alike."""
    if store.is_remote and not store.bucket_exists():
        bucket = store.url.removeprefix("s3://").split("/")[0]
        return f"no such bucket; make {bucket!r} on the S3 server, or name another under `store:` in home.yaml"
    return "no such object"


def _refused(store: Place, error: PermissionError) -> str:
    if not store.is_remote:
        return "check the permissions of the folder"
    code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
    if code == "RequestTimeTooSkewed":
        return "the clock of this machine or of the S3 server is wrong"
    return "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def _silent(store: Place, place: str, error: BaseException) -> str:
    where = store.endpoint_url or "Amazon S3"
    return f"{place}: no answer from {where} ({type(error).__name__}); is it up, and `store.endpoint_url` right?"
