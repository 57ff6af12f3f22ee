"""HL7 v2: what ADT messages of hospital systems say, as messages of the core; nothing clinical is read.

The library ``hl7`` parts messages into segments and fields. Escape sequences are resolved here: the library
would write the fields it cannot read, values of patients, into the log.
"""
