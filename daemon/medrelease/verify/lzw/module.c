/* medrelease.verify._lzw: what the codes of a GIF frame are, as the prover reads them.

   read(blocks, minimum, number, pixels) -> (verdict, bits, tidy, named)

   Of the data sub-blocks `number` pixels are read, into `pixels` unless that is None. The verdict
   is 0, 1 where the codes end before the picture, 2 where one comes before its entry. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "reading.h"

static PyObject *read_frame(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  Py_buffer blocks = {0}, pixels = {0};
  PyObject *said = NULL;
  Measure measure;
  if (number != 4) {
    PyErr_SetString(PyExc_TypeError, "four arguments");
    return NULL;
  }
  long minimum = PyLong_AsLong(given[1]);
  Py_ssize_t wanted = PyLong_AsSsize_t(given[2]);
  if (PyErr_Occurred())
    return NULL;
  if (!PyObject_GetBuffer(given[0], &blocks, PyBUF_SIMPLE) &&
      (given[3] == Py_None || !PyObject_GetBuffer(given[3], &pixels, PyBUF_WRITABLE))) {
    const uint8_t *begin = blocks.buf;
    if (minimum < 2 || minimum > 8 || wanted < 1 || (pixels.buf && pixels.len != wanted)) {
      PyErr_SetString(PyExc_ValueError, "no frame, or room for another one");
    } else {
      int verdict = lzw_read(begin, begin + blocks.len, (int)minimum, (uint64_t)wanted, pixels.buf,
                             &measure);
      said = Py_BuildValue("iKNy#", verdict, (unsigned long long)measure.bits,
                           PyBool_FromLong(measure.tidy), (const char *)measure.named,
                           (Py_ssize_t)sizeof measure.named);
    }
  }
  PyBuffer_Release(&pixels);
  PyBuffer_Release(&blocks);
  return said;
}

static PyMethodDef methods[] = {
    {"read", (PyCFunction)(void (*)(void))read_frame, METH_FASTCALL,
     "read(blocks, minimum, number, pixels) -> (verdict, bits, tidy, named)"},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_lzw", NULL, 0, methods, slots,
                                    NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__lzw(void) { return PyModuleDef_Init(&module); }
