"""`make scan`: sqlmap and wapiti against every operation of a running stack, testssl against its gateway."""
