"""A program that serves while a test runs."""
import subprocess
import time
from pathlib import Path

from milvus_api import fetch


class Service:
    """`with Service(folder, name, command, ready): …`; its log is FOLDER/NAME.log.

    `ready`: an address that answers 200 when the service is ready.
    """

    def __init__(self, folder, name, command, ready, environment=None):
        self.name, self.command, self.address, self.environment = name, command, ready, environment
        self.log_file = Path(folder) / f"{name}.log"
        self.process = None

    def __enter__(self):
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env=self.environment)
        try:
            self.until("ready", 20, self.ready)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ready(self):
        try:
            fetch(self.address)
            return True
        except OSError:
            return False

    def until(self, what, seconds, condition):
        deadline = time.monotonic() + seconds
        while not condition():
            self.check()
            assert time.monotonic() < deadline, f"{self.name} is not {what} within {seconds} s"
            time.sleep(0.1)

    def check(self):
        """That it is still running."""
        code = self.process.poll()
        assert code is None, f"{self.name} ended with {code}:\n{self.log_file.read_text(errors='replace')[-2000:]}"
