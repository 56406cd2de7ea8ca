"""Which language a text is in, how sure that is, and when nobody can say."""

from app.detection.detection import UNDETERMINED, Detection
from app.detection.detector import Detector

__all__ = ["UNDETERMINED", "Detection", "Detector"]
