/* medrelease.verify._entropy: does a JPEG scan hold its blocks and nothing else, and which values?

   prove(data, start, scan, tables, seen, masked, sink) -> (verdict, stop, remarks)

   `scan` is a row of native 32-bit numbers: progressive, components, MCUs across and down, Ss, Se,
   Ah, Al, restart interval, cells of `masked` across and down; per component blocks of an MCU
   across and down, blocks across and down, places of its DC and AC table in `tables` (or -1).
   Without a sink the values of sequential scans are not looked at. */
#include "prover.h"
#include "beside.h"

typedef struct {
  Proof proof;
  Py_buffer data, scan, masked, seen[4];
} Work;

static int refuse(const char *why)
{
  PyErr_SetString(PyExc_ValueError, why);
  return -1;
}

static int take_codes(Proof *proof, PyObject *tables)
{
  Py_ssize_t number = PyTuple_Size(tables);
  if (number < 0 || number > 8)
    return refuse("at most eight tables");
  proof->codes = PyMem_Calloc((size_t)number + 1, sizeof *proof->codes);
  if (!proof->codes) {
    PyErr_NoMemory();
    return -1;
  }
  for (Py_ssize_t each = 0; each < number; each++) {
    char *payload;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(PyTuple_GetItem(tables, each), &payload, &length))
      return -1;
    if (codes_define(&proof->codes[each], (const uint8_t *)payload, length))
      return refuse("a table contradicts itself");
  }
  return (int)number;
}

static int take_plane(Work *work, int each, const int32_t *told, int tables)
{
  Proof *proof = &work->proof;
  Plane *plane = &proof->plane[each];
  plane->across = told[0];
  plane->down = told[1];
  plane->columns = told[2];
  plane->rows = told[3];
  if (told[0] < 1 || told[0] > 4 || told[1] < 1 || told[1] > 4 || told[2] < 1 || told[3] < 1)
    return refuse("a component of no size");
  if (proof->planes == 1 && (told[2] != proof->across || told[3] != proof->down))
    return refuse("the MCUs of one component are its blocks");
  if (told[4] >= tables || told[5] >= tables || (told[5] < 0 && proof->last) ||
      (told[4] < 0 && !proof->first && !proof->before))
    return refuse("a table is missing");
  plane->dc = told[4] < 0 ? NULL : &proof->codes[told[4]];
  plane->ac = told[5] < 0 ? NULL : &proof->codes[told[5]];
  if (!proof->progressive && !proof->sink)
    codes_leap(&proof->codes[told[5]]);
  return 0;
}

static int take_seen(Work *work, PyObject *seen)
{
  Proof *proof = &work->proof;
  if (!proof->first)
    return 0;
  for (int each = 0; each < proof->planes; each++) {
    PyObject *given = PyTuple_GetItem(seen, each);
    if (!given || PyObject_GetBuffer(given, &work->seen[each], PyBUF_WRITABLE))
      return -1;
    Plane *plane = &proof->plane[each];
    if (work->seen[each].len != 8 * (int64_t)plane->columns * plane->rows)
      return refuse("a plane of another size");
    plane->seen = work->seen[each].buf;
  }
  return 0;
}

static int take_masked(Work *work, const int32_t *told)
{
  Proof *proof = &work->proof;
  if (!work->masked.buf)
    return 0;
  for (int each = 0; each < proof->planes; each++)
    if (told[9] < 1 || told[10] < 1 || (int64_t)told[9] * told[10] != work->masked.len ||
        (int64_t)told[9] * proof->plane[each].across < proof->plane[each].columns ||
        (int64_t)told[10] * proof->plane[each].down < proof->plane[each].rows)
      return refuse("masked cells of another picture");
  proof->masked = work->masked.buf;
  proof->masked_across = told[9];
  return 0;
}

static int take_scan(Work *work, PyObject *tables, PyObject *seen)
{
  enum { HEAD = 11, EACH = 6 };
  Proof *proof = &work->proof;
  int32_t told[HEAD + 4 * EACH] = {0};
  if (work->scan.len > (Py_ssize_t)sizeof told || work->scan.len < 4 * (HEAD + EACH))
    return refuse("a scan in other numbers");
  memcpy(told, work->scan.buf, (size_t)work->scan.len);
  proof->progressive = told[0] != 0;
  proof->planes = told[1];
  proof->across = told[2];
  proof->down = told[3];
  proof->first = told[4];
  proof->last = told[5];
  proof->before = told[6];
  proof->shift = told[7];
  proof->interval = told[8];
  if (told[1] < 1 || told[1] > 4 || work->scan.len != 4 * (HEAD + EACH * told[1]) || told[2] < 1 ||
      told[3] < 1 || told[8] < 0)
    return refuse("a scan in other numbers");
  if (told[4] < 0 || told[5] < told[4] || told[5] > 63 || (told[4] && told[1] > 1) ||
      (told[0] ? !told[4] && told[5] : told[4] || told[5] != 63 || told[6] || told[7]))
    return refuse("a band that there is not");
  int number = take_codes(proof, tables);
  for (int each = 0; number >= 0 && each < proof->planes; each++)
    if (take_plane(work, each, told + HEAD + EACH * each, number))
      return -1;
  return number < 0 || take_seen(work, seen) || take_masked(work, told) ? -1 : 0;
}

static void work_free(Work *work)
{
  PyBuffer_Release(&work->data);
  PyBuffer_Release(&work->scan);
  PyBuffer_Release(&work->masked);
  for (int each = 0; each < 4; each++)
    PyBuffer_Release(&work->seen[each]);
  PyMem_Free(work->proof.codes);
  PyMem_Free(work);
}

static PyObject *judge(Work *work, PyObject *const *given)
{
  Proof *proof = &work->proof;
  Py_ssize_t start = PyLong_AsSsize_t(given[1]);
  if (start == -1 && PyErr_Occurred())
    return NULL;
  if (PyObject_GetBuffer(given[0], &work->data, PyBUF_SIMPLE) ||
      PyObject_GetBuffer(given[2], &work->scan, PyBUF_SIMPLE) ||
      (given[5] != Py_None && PyObject_GetBuffer(given[5], &work->masked, PyBUF_SIMPLE)))
    return NULL;
  proof->sink = given[6] == Py_None ? NULL : given[6];
  if (take_scan(work, given[3], given[4]))
    return NULL;
  if (start < 0 || start > work->data.len) {
    refuse("a start outside of the data");
    return NULL;
  }
  const uint8_t *data = work->data.buf, *stop = NULL;
  int verdict = scan_prove(proof, data + start, data + work->data.len, &stop);
  if (!verdict && proof->told_used) {
    PyObject *none = PyObject_CallFunction(proof->sink, "y#", (const char *)proof->told,
                                           2 * proof->told_used);
    verdict = none ? FINE : STOPPED;
    Py_XDECREF(none);
  }
  if (verdict == STOPPED)
    return NULL;
  return Py_BuildValue("ini", verdict, verdict ? (Py_ssize_t)0 : (Py_ssize_t)(stop - data),
                       proof->remarks);
}

/* spread(data, start, scan, tables, seen, masked, wanted) -> (verdict, coefficients, symbols) */
static PyObject *spread_of(Work *work, PyObject *const *given)
{
  Proof *proof = &work->proof;
  uint64_t has[4] = {1, 1, 1, 1};
  Py_ssize_t start = PyLong_AsSsize_t(given[1]), number = PyTuple_Size(given[3]);
  unsigned long wanted = PyLong_AsUnsignedLong(given[6]);
  if (PyErr_Occurred() || PyObject_GetBuffer(given[0], &work->data, PyBUF_SIMPLE) ||
      PyObject_GetBuffer(given[2], &work->scan, PyBUF_SIMPLE) ||
      (given[5] != Py_None && PyObject_GetBuffer(given[5], &work->masked, PyBUF_SIMPLE)) ||
      take_scan(work, given[3], given[4]))
    return NULL;
  if (start < 0 || start > work->data.len) {
    refuse("a start outside of the data");
    return NULL;
  }
  const uint8_t *data = work->data.buf;
  int verdict = scan_spread(proof, (int)number, data + start, data + work->data.len,
                            (unsigned)wanted, has);
  PyObject *symbols = verdict == STOPPED ? NULL : PyTuple_New(number);
  for (Py_ssize_t each = 0; symbols && each < number; each++) {
    PyObject *met = PyBytes_FromStringAndSize((const char *)proof->codes[each].met, 256);
    if (!met || PyTuple_SetItem(symbols, each, met)) {
      Py_DECREF(symbols);
      return NULL;
    }
  }
  if (!symbols)
    return NULL;
  return Py_BuildValue("i(KKKK)N", verdict, (unsigned long long)has[0], (unsigned long long)has[1],
                       (unsigned long long)has[2], (unsigned long long)has[3], symbols);
}

static PyObject *with_work(PyObject *(*todo)(Work *, PyObject *const *), PyObject *const *given,
                           Py_ssize_t number)
{
  Work *work;
  PyObject *said;
  if (number != 7) {
    refuse("seven arguments");
    return NULL;
  }
  work = PyMem_Calloc(1, sizeof *work);
  if (!work)
    return PyErr_NoMemory();
  said = todo(work, given);
  work_free(work);
  return said;
}

static PyObject *spread(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  return with_work(spread_of, given, number);
}

static PyObject *prove(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  return with_work(judge, given, number);
}

static PyObject *end_of_scan(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  Py_buffer data;
  Py_ssize_t start = number == 2 ? PyLong_AsSsize_t(given[1]) : -1;
  if (PyErr_Occurred() || PyObject_GetBuffer(number == 2 ? given[0] : Py_None, &data, PyBUF_SIMPLE))
    return NULL;
  const uint8_t *raw = data.buf, *marker = NULL;
  if (start >= 0 && start < data.len)
    marker = scan_end(raw + start, raw + data.len);
  Py_ssize_t found = marker ? marker - raw : data.len;
  PyBuffer_Release(&data);
  return PyLong_FromSsize_t(found);
}

static PyObject *lossless(PyObject *Py_UNUSED(module), PyObject *args)
{
  Py_buffer data;
  Py_ssize_t start;
  long long samples, step;
  PyObject *tables, *said = NULL;
  Proof proof = {0};
  if (!PyArg_ParseTuple(args, "y*nLLO!", &data, &start, &samples, &step, &PyTuple_Type, &tables))
    return NULL;
  int planes = take_codes(&proof, tables);
  uint8_t *clean = PyMem_Malloc(2 * (size_t)data.len + 16);
  if (!clean)
    PyErr_NoMemory();
  else if (planes >= 0 && (planes < 1 || start < 0 || start > data.len || samples < 1 || step < 1))
    refuse("a scan without samples");
  else if (planes > 0) {
    const uint8_t *bytes = data.buf, *stop = NULL;
    size_t length = 0;
    int verdict = lossless_prove(proof.codes, planes, samples, step, bytes + start,
                                 bytes + data.len, &stop, clean, &length);
    if (verdict != STOPPED)
      said = Py_BuildValue("iny#", verdict, verdict ? (Py_ssize_t)0 : (Py_ssize_t)(stop - bytes),
                           clean, (Py_ssize_t)(verdict ? 0 : length));
  }
  PyMem_Free(clean);
  PyMem_Free(proof.codes);
  PyBuffer_Release(&data);
  return said;
}

static PyMethodDef methods[] = {
    {"lossless", lossless, METH_VARARGS,
     "lossless(data, start, samples, step, tables) -> (verdict, stop, the scan in its clean form)"},
    {"prove", (PyCFunction)(void (*)(void))prove, METH_FASTCALL,
     "prove(data, start, scan, tables, seen, masked, sink) -> (verdict, stop, remarks)"},
    {"spread", (PyCFunction)(void (*)(void))spread, METH_FASTCALL,
     "spread(data, start, scan, tables, seen, masked, wanted) -> (verdict, coefficients, symbols)"},
    {"scan_end", (PyCFunction)(void (*)(void))end_of_scan, METH_FASTCALL,
     "scan_end(data, start) -> offset of the marker that ends the scan, or the length of the data"},
    {"unfiltered", (PyCFunction)(void (*)(void))unfiltered, METH_FASTCALL,
     "unfiltered(coded, above, back) -> the plain rows of a PNG, None where a filter is unknown"},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_entropy", NULL, 0, methods, slots,
                                    NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__entropy(void) { return PyModuleDef_Init(&module); }
