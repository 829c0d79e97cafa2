/* medrelease.sanitise._entropy: the entropy-coded scans of JPEG, walked and coded anew; the filtered
   rows of PNG. What `scan` and `tight` tell is said in task.h. */
#include "task.h"

#include "filters.h"

/* Which symbols each table was read for, 256 bytes a table. */
static PyObject *symbols_met(const Scan *scan)
{
  PyObject *met = PyList_New(scan->tables_used);
  for (int number = 0; met && number < scan->tables_used; number++) {
    PyObject *flags = PyBytes_FromStringAndSize((const char *)scan->tables[number].met, 256);
    if (!flags || PyList_SetItem(met, number, flags)) {
      Py_DECREF(met);
      return NULL;
    }
  }
  return met;
}

static PyObject *answer(int told, const Task *task, const Walked *walked)
{
  const uint8_t *data = task->data.buf;
  Py_ssize_t stop = told == SOUND ? walked->stop - data : 0;
  if (told == NO_MEMORY)
    return PyErr_NoMemory();
  return Py_BuildValue("inLi", told, stop, (long long)walked->surplus, walked->odd);
}

static PyObject *walk(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  Walked walked = {0};
  PyObject *said, *whole = NULL;
  Task *task = task_of(given, number);
  if (!task)
    return NULL;
  const uint8_t *data = task->data.buf;
  for (int place = 0; place < task->scan.number && !task->scan.progressive; place++)
    huffman_skips(task->scan.components[place].ac);
  said = answer(scan_walk(&task->scan, data + task->start, data + task->data.len, &walked), task,
                &walked);
  PyObject *symbols = said ? symbols_met(&task->scan) : NULL;
  if (symbols)
    whole = Py_BuildValue("NN", said, symbols);
  else
    Py_XDECREF(said);
  task_free(task);
  return whole;
}

static PyObject *recode(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  Walked walked = {0};
  PyObject *said, *whole = NULL, *written = NULL, *tables;
  Task *task = task_of(given, number);
  if (!task)
    return NULL;
  tables = PyList_GetSlice(given[3], 0, PyList_Size(given[3]));
  if (!tables) {
    task_free(task);
    return NULL;
  }
  const uint8_t *data = task->data.buf;
  int told = scan_recode(&task->scan, data + task->start, data + task->data.len, &walked, &written,
                         &tables);
  said = answer(told, task, &walked);
  if (said)
    whole = Py_BuildValue("OOO", said, written ? written : Py_None, tables);
  Py_XDECREF(said);
  Py_XDECREF(written);
  Py_DECREF(tables);
  task_free(task);
  return whole;
}

static PyObject *spread(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  uint64_t met[4] = {1, 1, 1, 1};
  PyObject *said = NULL, *symbols;
  Task *task = task_of(given, number);
  if (!task)
    return NULL;
  Scan *scan = &task->scan;
  const uint8_t *data = task->data.buf;
  int told = scan->progressive ? MALFORMED : SOUND;
  if (!told)
    told = scan_spread(scan, data + task->start, data + task->data.len, scan->tight, met);
  symbols = symbols_met(scan);
  if (symbols)
    said = Py_BuildValue("i(KKKK)N", told, (unsigned long long)met[0], (unsigned long long)met[1],
                         (unsigned long long)met[2], (unsigned long long)met[3], symbols);
  task_free(task);
  return said;
}

/* The tables of a lossless scan, one a component; their number, or -1 with an exception set. */
static int lossless_tables(PyObject *given, Huffman *tables)
{
  Py_ssize_t number = PyList_Size(given);
  if (number < 1 || number > 4)
    return wrong("a lossless scan has one to four components");
  return tables_define(given, number, tables) ? -1 : (int)number;
}

static PyObject *lossless(PyObject *Py_UNUSED(module), PyObject *args)
{
  Py_buffer data;
  Py_ssize_t start;
  long long samples, interval;
  PyObject *given, *said = NULL;
  Walked walked;
  size_t used = 0;
  if (!PyArg_ParseTuple(args, "y*nLLO", &data, &start, &samples, &interval, &given))
    return NULL;
  Huffman *tables = PyMem_Calloc(4, sizeof *tables);
  uint8_t *written = PyMem_Malloc(2 * (size_t)data.len + 16);
  int number = tables && written ? lossless_tables(given, tables) : -1;
  if (!tables || !written)
    PyErr_NoMemory();
  else if (number > 0 && (start < 0 || start > data.len || samples < 1 || interval < 0))
    wrong("the scan has no samples");
  else if (number > 0) {
    const uint8_t *bytes = data.buf;
    int told = lossless_walk(tables, number, samples, interval, bytes + start, bytes + data.len,
                             &walked, written, &used);
    Py_ssize_t stop = told ? 0 : walked.stop - bytes;
    said = told || !walked.odd ? Py_BuildValue("inO", told, stop, Py_None)
                               : Py_BuildValue("iny#", told, stop, written, (Py_ssize_t)used);
  }
  PyMem_Free(tables);
  PyMem_Free(written);
  PyBuffer_Release(&data);
  return said;
}

static PyMethodDef methods[] = {
    {"lossless", lossless, METH_VARARGS,
     "lossless(data, start, samples, interval, tables) -> (told, stop, data anew or None)"},
    {"spread", (PyCFunction)(void (*)(void))spread, METH_FASTCALL,
     "spread(data, start, scan, tables, nonzero, masked, tight) -> (told, coefficients, symbols)"},
    {"walk", (PyCFunction)(void (*)(void))walk, METH_FASTCALL,
     "walk(data, start, scan, tables, nonzero, masked, tight) -> ((told, stop, surplus, odd), "
     "symbols)"},
    {"recode", (PyCFunction)(void (*)(void))recode, METH_FASTCALL,
     "recode(data, start, scan, tables, nonzero, masked, tight) -> (walked, coded, tables)"},
    {"unfilter", (PyCFunction)(void (*)(void))unfilter, METH_FASTCALL,
     "unfilter(coded, above, step) -> the plain rows, None where a filter is unknown"},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_entropy", NULL, 0, methods, slots,
                                    NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__entropy(void) { return PyModuleDef_Init(&module); }
