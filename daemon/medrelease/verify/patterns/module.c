/* medrelease.verify._patterns: the search of many byte patterns at once, and of base64.

   Search(forms)           of each needle the byte forms; those under six bytes are passed over
   .run(data, limit, most) -> [(start, end, needle)] of at most so many that begin before `limit`
   .longest                length of the longest pattern in bytes
   unbased(data)           -> what stands in base64 in it */
#include "search.h"

typedef struct {
  PyObject_HEAD
  Search search;
} SearchObject;

typedef struct {
  const uint8_t **given;
  Py_ssize_t *lengths;
  int32_t *needles;
  Py_ssize_t count, room;
  PyObject *kept; /* the bytes that `given` points into */
} Taken;

enum { MOST_PATTERNS = 1 << 24 };

static int refuse(const char *why)
{
  PyErr_SetString(PyExc_ValueError, why);
  return -1;
}

static int grow(Taken *taken)
{
  Py_ssize_t room = taken->room ? 2 * taken->room : 256;
  if (room > MOST_PATTERNS)
    return refuse("too many patterns");
  void *given = PyMem_Realloc(taken->given, (size_t)room * sizeof *taken->given);
  if (given)
    taken->given = given;
  void *lengths = PyMem_Realloc(taken->lengths, (size_t)room * sizeof *taken->lengths);
  if (lengths)
    taken->lengths = lengths;
  void *needles = PyMem_Realloc(taken->needles, (size_t)room * sizeof *taken->needles);
  if (needles)
    taken->needles = needles;
  if (!given || !lengths || !needles) {
    PyErr_NoMemory();
    return -1;
  }
  taken->room = room;
  return 0;
}

static int take_form(Taken *taken, PyObject *form, Py_ssize_t needle)
{
  char *octets;
  Py_ssize_t length;
  if (PyBytes_AsStringAndSize(form, &octets, &length))
    return -1;
  if (length < HEAD)
    return 0;
  if ((taken->count == taken->room && grow(taken)) || PyList_Append(taken->kept, form))
    return -1;
  taken->given[taken->count] = (const uint8_t *)octets;
  taken->lengths[taken->count] = length;
  taken->needles[taken->count++] = (int32_t)needle;
  return 0;
}

static int take_needle(Taken *taken, PyObject *forms, Py_ssize_t needle)
{
  PyObject *each, *all = PyObject_GetIter(forms);
  int wrong = all ? 0 : -1;
  while (!wrong && (each = PyIter_Next(all))) {
    wrong = take_form(taken, each, needle);
    Py_DECREF(each);
  }
  Py_XDECREF(all);
  return wrong || PyErr_Occurred() ? -1 : 0;
}

static int take_all(Taken *taken, PyObject *needles)
{
  Py_ssize_t count = PyList_Size(needles);
  taken->kept = PyList_New(0);
  if (count < 0 || !taken->kept)
    return -1;
  if (count > MOST_PATTERNS)
    return refuse("too many needles");
  for (Py_ssize_t needle = 0; needle < PyList_Size(needles); needle++) {
    PyObject *forms = PyList_GetItem(needles, needle);
    Py_XINCREF(forms);
    int wrong = !forms || take_needle(taken, forms, needle);
    Py_XDECREF(forms);
    if (wrong)
      return -1;
  }
  return 0;
}

static PyObject *search_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(named))
{
  PyObject *needles;
  Taken taken = {0};
  if (!PyArg_ParseTuple(arguments, "O!", &PyList_Type, &needles))
    return NULL;
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  SearchObject *made = (SearchObject *)allocate(type, 0);
  if (made && take_all(&taken, needles))
    Py_CLEAR(made);
  if (made && search_build(&made->search, taken.given, taken.lengths, taken.needles, taken.count)) {
    PyErr_NoMemory();
    Py_CLEAR(made);
  }
  PyMem_Free(taken.given);
  PyMem_Free(taken.lengths);
  PyMem_Free(taken.needles);
  Py_XDECREF(taken.kept);
  return (PyObject *)made;
}

static void search_dealloc(PyObject *self)
{
  PyTypeObject *type = Py_TYPE(self);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  search_free(&((SearchObject *)self)->search);
  release(self);
  Py_DECREF(type);
}

typedef struct {
  PyObject *found;
  Py_ssize_t most;
} Gathering;

enum { ENOUGH = 1, BROKEN = -1 };

static int gather(void *whom, const Hit *hit)
{
  Gathering *gathering = whom;
  PyObject *each = Py_BuildValue("nni", hit->start, hit->start + hit->length, (int)hit->needle);
  int wrong = !each || PyList_Append(gathering->found, each);
  Py_XDECREF(each);
  if (wrong)
    return BROKEN;
  return PyList_Size(gathering->found) >= gathering->most ? ENOUGH : 0;
}

static PyObject *run(PyObject *self, PyObject *arguments)
{
  Py_buffer data;
  Py_ssize_t limit;
  Gathering gathering;
  if (!PyArg_ParseTuple(arguments, "y*nn", &data, &limit, &gathering.most))
    return NULL;
  gathering.found = PyList_New(0);
  if (gathering.found && gathering.most > 0 &&
      search_run(&((SearchObject *)self)->search, data.buf, data.len, limit, gather,
                 &gathering) == BROKEN)
    Py_CLEAR(gathering.found);
  PyBuffer_Release(&data);
  return gathering.found;
}

static PyObject *longest(PyObject *self, void *Py_UNUSED(closure))
{
  return PyLong_FromSsize_t(((SearchObject *)self)->search.longest);
}

static PyObject *unbased(PyObject *Py_UNUSED(module), PyObject *given)
{
  Py_buffer data;
  PyObject *said = NULL;
  if (PyObject_GetBuffer(given, &data, PyBUF_SIMPLE))
    return NULL;
  if (data.len > PY_SSIZE_T_MAX / 16) {
    refuse("too many bytes at once");
  } else {
    uint8_t *out = PyMem_Malloc((size_t)(based_room(data.len) + data.len));
    if (out)
      said = PyBytes_FromStringAndSize((const char *)out, based_read(data.buf, data.len, out));
    else
      PyErr_NoMemory();
    PyMem_Free(out);
  }
  PyBuffer_Release(&data);
  return said;
}

static PyMethodDef search_methods[] = {
    {"run", run, METH_VARARGS, "run(data, limit, most) -> [(start, end, needle)]"},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef search_members[] = {
    {"longest", longest, NULL, "length of the longest pattern in bytes", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot search_slots[] = {
    {Py_tp_new, search_new},           {Py_tp_dealloc, search_dealloc},
    {Py_tp_methods, search_methods},   {Py_tp_getset, search_members},
    {0, NULL}};

static PyType_Spec search_spec = {"medrelease.verify._patterns.Search", sizeof(SearchObject), 0,
                                  Py_TPFLAGS_DEFAULT, search_slots};

static int furnish(PyObject *module)
{
  PyObject *type = PyType_FromSpec(&search_spec);
  int wrong = !type || PyModule_AddObjectRef(module, "Search", type);
  Py_XDECREF(type);
  return wrong ? -1 : 0;
}

static PyMethodDef methods[] = {
    {"unbased", unbased, METH_O, "unbased(data) -> what stands in base64 in it"},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, furnish}, {0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_patterns", NULL, 0, methods, slots,
                                    NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__patterns(void) { return PyModuleDef_Init(&module); }
