/* What the module reads beside the scans of JPEG: the filtered rows of PNG. */
#ifndef MEDRELEASE_VERIFY_BESIDE_H
#define MEDRELEASE_VERIFY_BESIDE_H

PyObject *unfiltered(PyObject *module, PyObject *const *given, Py_ssize_t number);

#endif
