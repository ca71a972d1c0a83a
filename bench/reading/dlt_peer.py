"""The same listing by dlt, into Parquet files. Runs in an environment of its own, with nothing of ours.

python dlt_peer.py URL FOLDER
"""

import json
import resource
import sys
import time

import dlt
from dlt.sources.rest_api import rest_api_source


def main(url: str, folder: str) -> None:
    """Extract, normalise, load."""
    wall, cpu = time.perf_counter(), time.process_time()
    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "paginator": {"type": "json_link", "next_url_path": "nextRecordsUrl"},
            },
            "resources": [
                {"name": "account", "endpoint": {"path": "listing/0", "data_selector": "records"}, "primary_key": "Id"}
            ],
        }
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=f"{folder}/work",
        destination=dlt.destinations.filesystem(bucket_url=f"{folder}/out"),
        dataset_name="bench",
    )
    pipeline.run(source, loader_file_format="parquet", write_disposition="replace")
    counts = pipeline.last_trace.last_normalize_info.row_counts
    told = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "read": counts.get("account", 0),
    }
    print(json.dumps(told))  # noqa: T201 - its figures


if __name__ == "__main__":
    main(*sys.argv[1:])
