"""Los programas que entrenan los modelos que vienen con el curso, en ``datasets/models/``."""
