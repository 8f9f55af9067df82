"""Record what trivy says of the corpus: `./run python -m tests.policies.record_trivy PATH_TO_TRIVY`.

Any way to have trivy will do. From Go's module proxy: `go mod download github.com/aquasecurity/trivy@v0.74.0`, then in
the folder of that module `CGO_ENABLED=0 GOEXPERIMENT=jsonv2 go build -o PATH_TO_TRIVY ./cmd/trivy`, and with
`-ldflags "-X github.com/aquasecurity/trivy/pkg/version/app.ver=0.74.0"`, or it does not know its version.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.policies.others import RECORDED, digest, trivy, write
from tests.policies.table import corpus


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        documents = corpus(Path(folder) / "made").documents
        write(documents, Path(folder) / "corpus")
        found = trivy(program, Path(folder) / "corpus")
    said = subprocess.run([program, "--version", "--format", "json"], capture_output=True, text=True, check=True)
    record = {
        "version": json.loads(said.stdout)["Version"],
        "corpus": digest(documents),
        "found": {case: sorted(ids) for case, ids in sorted(found.items())},
    }
    RECORDED.write_text(json.dumps(record, indent=2) + "\n")
    print(
        f"Recorded in {RECORDED}: trivy {record['version']} found something in {len(found)} of {len(documents)} cases."
    )


if __name__ == "__main__":
    main()
