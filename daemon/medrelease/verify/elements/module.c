/* medrelease.verify._elements: the elements of a DICOM data set, one after another.

   Walk(body, big, implicit, dictionary, sequence) .read(most, memo) -> ([Leaf], fault, ended)

   At most so many leaves; `ended` is 1 behind the last, and behind a fault. `dictionary` is a row of entries
   in ascending order: a native 32-bit tag, a VR, two bytes of nothing. Where `sequence` is not 0
   the body is the items of the sequence with that tag. A value of up to 4096
   bytes is bytes, a longer one, and what may be pixel data, a slice of `body`.

   `memo` maps the keys of short elements (tag, VR, value) to what their caller made of them
   before: that stands in the list in the leaf's place, nothing where it is None.

   .ascending, .elements: whether tags ascended in each item so far, and how many were met. */
#include "leaf.h"

enum { IN_SEQUENCE_FIELDS = 6 };

static PyObject *walk_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(named))
{
  PyObject *body, *dictionary;
  int big, implicit;
  unsigned int sequence;
  if (!PyArg_ParseTuple(arguments, "OppOI", &body, &big, &implicit, &dictionary, &sequence))
    return NULL;
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  WalkObject *made = (WalkObject *)allocate(type, 0);
  if (!made)
    return NULL;
  made->view = Py_NewRef(body);
  made->paths[0] = PyTuple_New(0);
  made->paths_held = 1;
  if (!made->paths[0] || PyObject_GetBuffer(body, &made->body, PyBUF_SIMPLE) ||
      PyObject_GetBuffer(dictionary, &made->dictionary, PyBUF_SIMPLE)) {
    Py_DECREF(made);
    return NULL;
  }
  made->walk.dictionary = made->dictionary.buf;
  made->walk.entries = (size_t)made->dictionary.len / 8;
  walk_begin(&made->walk, made->body.buf, (size_t)made->body.len, big, implicit, sequence);
  return (PyObject *)made;
}

static void walk_dealloc(PyObject *self)
{
  WalkObject *walk = (WalkObject *)self;
  PyTypeObject *type = Py_TYPE(self);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  PyBuffer_Release(&walk->body);
  PyBuffer_Release(&walk->dictionary);
  while (walk->paths_held)
    Py_XDECREF(walk->paths[--walk->paths_held]);
  Py_XDECREF(walk->view);
  release(self);
  Py_DECREF(type);
}

static PyObject *read_on(PyObject *self, PyObject *const *given, Py_ssize_t number)
{
  const State *state = PyType_GetModuleState(Py_TYPE(self));
  WalkObject *walk = (WalkObject *)self;
  if (number != 2 || (given[1] != Py_None && !PyDict_Check(given[1])))
    return PyErr_Format(PyExc_TypeError, "a number and a dict or None");
  Py_ssize_t left = PyLong_AsSsize_t(given[0]);
  if (!state || (left == -1 && PyErr_Occurred()))
    return NULL;
  PyObject *found = PyList_New(0);
  while (found && left-- > 0) {
    Met met;
    int step = walk_step(&walk->walk, &met);
    if (step == ENDED || step == FAULT)
      break;
    PyObject *told = told_of(state, walk, &met, given[1]);
    if (told ? PyList_Append(found, told) : PyErr_Occurred() != NULL)
      Py_CLEAR(found);
    Py_XDECREF(told);
  }
  int ended = walk->walk.fault || (!walk->walk.depth && walk->walk.at == walk->walk.length);
  return found ? Py_BuildValue("Nii", found, walk->walk.fault, ended) : NULL;
}

static PyObject *ascending(PyObject *self, void *Py_UNUSED(closure))
{
  return PyBool_FromLong(!((WalkObject *)self)->walk.unordered);
}

static PyObject *elements(PyObject *self, void *Py_UNUSED(closure))
{
  return PyLong_FromUnsignedLongLong(((WalkObject *)self)->walk.elements);
}

static PyMethodDef walk_methods[] = {
    {"read", (PyCFunction)(void (*)(void))read_on, METH_FASTCALL,
     "read(most, memo) -> ([Leaf or what the memo has], fault, ended)"},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef walk_members[] = {
    {"ascending", ascending, NULL, "whether tags ascended in each item so far", NULL},
    {"elements", elements, NULL, "how many elements were met so far", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot walk_slots[] = {{Py_tp_new, walk_new},
                                   {Py_tp_dealloc, walk_dealloc},
                                   {Py_tp_methods, walk_methods},
                                   {Py_tp_getset, walk_members},
                                   {0, NULL}};

static PyType_Spec walk_spec = {"medrelease.verify._elements.Walk", sizeof(WalkObject), 0,
                                Py_TPFLAGS_DEFAULT, walk_slots};

static PyStructSequence_Field leaf_fields[] = {
    {"path", "(sequence tag, item number) pairs, outermost first"},
    {"tag", "group and element in one number"},
    {"vr", "value representation; SQ, item, fragment"},
    {"value", "its bytes"},
    {"order", "byte order of numbers: little or big"},
    {"defined", "whether a sequence or item says how long it is"},
    {"key", "by which a memo knows the element, or None"},
    {NULL, NULL}};

static PyStructSequence_Desc leaf_desc = {"medrelease.verify._elements.Leaf",
                                          "one value of a data set", leaf_fields,
                                          IN_SEQUENCE_FIELDS};

static int name_vrs(State *state)
{
  static const char all[] = "UNOBODOFOLOVOWSQSVUCURUTUVAEASATCSDADSDTFDFLISLOLTPNSHSLSSSTTMUIULUS";
  for (int each = 0; each < VRS; each++) {
    const char *name = (size_t)(2 * each) < sizeof all - 1 ? all + 2 * each : all;
    char text[3] = {name[0], name[1], 0};
    state->codes[each] = VR((uint8_t)name[0], (uint8_t)name[1]);
    state->names[each] = PyUnicode_InternFromString(text);
    if (!state->names[each])
      return -1;
  }
  return 0;
}

static int furnish(PyObject *made)
{
  State *state = PyModule_GetState(made);
  PyObject *type = PyType_FromModuleAndSpec(made, &walk_spec, NULL);
  int wrong = !type || PyModule_AddObjectRef(made, "Walk", type);
  Py_XDECREF(type);
  state->leaf = PyStructSequence_NewType(&leaf_desc);
  state->item = PyUnicode_InternFromString("item");
  state->fragment = PyUnicode_InternFromString("fragment");
  state->little = PyUnicode_InternFromString("little");
  state->big = PyUnicode_InternFromString("big");
  state->nothing = PyBytes_FromStringAndSize(NULL, 0);
  wrong |= !state->leaf || !state->item || !state->fragment || !state->little || !state->big ||
           !state->nothing || name_vrs(state);
  return wrong || PyModule_AddObjectRef(made, "Leaf", (PyObject *)state->leaf) ? -1 : 0;
}

static void unfurnish(void *made)
{
  State *state = PyModule_GetState(made);
  Py_CLEAR(state->leaf);
  Py_CLEAR(state->item);
  Py_CLEAR(state->fragment);
  Py_CLEAR(state->little);
  Py_CLEAR(state->big);
  Py_CLEAR(state->nothing);
  for (int each = 0; each < VRS; each++)
    Py_CLEAR(state->names[each]);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, furnish}, {0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_elements", NULL, sizeof(State), NULL,
                                    slots, NULL, NULL, unfurnish};

PyMODINIT_FUNC PyInit__elements(void) { return PyModuleDef_Init(&module); }
