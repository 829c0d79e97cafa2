/* What the module offers beside the scans of JPEG: the filtered rows of PNG. */
#ifndef MEDRELEASE_SANITISE_FILTERS_H
#define MEDRELEASE_SANITISE_FILTERS_H

PyObject *unfilter(PyObject *module, PyObject *const *given, Py_ssize_t number);

#endif
