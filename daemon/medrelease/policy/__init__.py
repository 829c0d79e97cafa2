"""May it go? The Trust's policy as one pure function.

The rules are those of the Trust's policy on photography, of GMC, Making and using visual and
audio recordings of patients (2011), and of the ICO, as DESIGN.md section 2 numbers them.
Nothing here reads a clock, a file or a configuration: the question carries all that counts.
"""
