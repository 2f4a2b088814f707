"""The sub-commands of ``xlhedge``, one module each: ``add_arguments(parser)``, ``run(args)``."""
