/* medrelease.verify._digests: two rows of bytes side by side, their SHA-256 and whether they differ.

   same(one, other) -> whether they are of one length and have the same bytes
   possible() -> whether this processor has the instructions for SHA-256
   Pair().feed(one, other); .digests() -> (the SHA-256 of the first row, of the second) */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "sha256.h"

#include <string.h>

typedef struct {
  PyObject head;
  Digest one, other;
} PairObject;

static PyObject *pair_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(named))
{
  if (!PyArg_ParseTuple(arguments, ""))
    return NULL;
  if (!sha256_possible()) {
    PyErr_SetString(PyExc_NotImplementedError, "this processor has no instructions for SHA-256");
    return NULL;
  }
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  PairObject *made = (PairObject *)allocate(type, 0);
  if (made) {
    sha256_begin(&made->one);
    sha256_begin(&made->other);
  }
  return (PyObject *)made;
}

static void pair_dealloc(PyObject *self)
{
  PyTypeObject *type = Py_TYPE(self);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  release(self);
  Py_DECREF(type);
}

static PyObject *feed(PyObject *self, PyObject *arguments)
{
  PairObject *pair = (PairObject *)self;
  Py_buffer one, other;
  if (!PyArg_ParseTuple(arguments, "y*y*", &one, &other))
    return NULL;
  sha256_feed_two(&pair->one, one.buf, (size_t)one.len, &pair->other, other.buf, (size_t)other.len);
  PyBuffer_Release(&one);
  PyBuffer_Release(&other);
  return Py_NewRef(Py_None);
}

static PyObject *digests(PyObject *self, PyObject *Py_UNUSED(nothing))
{
  const PairObject *pair = (const PairObject *)self;
  uint8_t one[4 * WORDS], other[4 * WORDS];
  sha256_end(&pair->one, one);
  sha256_end(&pair->other, other);
  return Py_BuildValue("y#y#", one, (Py_ssize_t)sizeof one, other, (Py_ssize_t)sizeof other);
}

static PyObject *possible(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(nothing))
{
  return PyBool_FromLong(sha256_possible());
}

static PyMethodDef pair_methods[] = {
    {"feed", feed, METH_VARARGS, "feed(one, other): take in bytes of both rows"},
    {"digests", digests, METH_NOARGS, "digests() -> (SHA-256 of the first row, of the second)"},
    {NULL, NULL, 0, NULL}};

static PyType_Slot pair_slots[] = {{Py_tp_new, pair_new},
                                   {Py_tp_dealloc, pair_dealloc},
                                   {Py_tp_methods, pair_methods},
                                   {0, NULL}};

static PyType_Spec pair_spec = {"medrelease.verify._digests.Pair", sizeof(PairObject), 0,
                                Py_TPFLAGS_DEFAULT, pair_slots};

static int furnish(PyObject *module)
{
  PyObject *type = PyType_FromSpec(&pair_spec);
  int wrong = !type || PyModule_AddObjectRef(module, "Pair", type);
  Py_XDECREF(type);
  return wrong ? -1 : 0;
}

static PyObject *same(PyObject *Py_UNUSED(module), PyObject *arguments)
{
  Py_buffer one, other;
  if (!PyArg_ParseTuple(arguments, "y*y*", &one, &other))
    return NULL;
  int equal = one.len == other.len && !memcmp(one.buf, other.buf, (size_t)one.len);
  PyBuffer_Release(&one);
  PyBuffer_Release(&other);
  return PyBool_FromLong(equal);
}

static PyMethodDef methods[] = {
    {"same", same, METH_VARARGS, "same(one, other) -> whether the bytes are the same"},
    {"possible", possible, METH_NOARGS, "possible() -> whether this processor can"},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, furnish}, {0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_digests", NULL, 0, methods, slots,
                                    NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__digests(void) { return PyModuleDef_Init(&module); }
