/* The samples of a lossless scan (T.81 annex H) counted to the last one, and the scan in the one
   form that a clean file has it in: nothing behind a sample but ones to the end of its byte. */
#include "prover.h"

static int sample_skip(Window *window, Codes *codes)
{
  int category = window_symbol(window, codes);
  if (category < 0 || category > 16)
    return CONTRADICTION;
  if (category < 16)
    window->position += (unsigned)category;
  return FINE;
}

/* Where in the raw bytes the first one lies that no sample needs. */
static const uint8_t *unread(const Window *window)
{
  const uint8_t *at = window->raw;
  for (uint64_t bytes = (window->limit - window->position) / 8; bytes; bytes--)
    at -= at[-1] == 0x00 && at[-2] == 0xFF ? 2 : 1;
  return at;
}

static size_t tidy(uint8_t *clean, const uint8_t *from, const uint8_t *to, unsigned filled)
{
  size_t length = (size_t)(to - from);
  memcpy(clean, from, length);
  if (filled && clean[length - 1] != 0x00) {
    clean[length - 1] |= (uint8_t)((1u << filled) - 1);
    if (clean[length - 1] == 0xFF)
      clean[length++] = 0x00;
  } else if (filled && !(length > 1 && clean[length - 2] == 0xFF)) {
    clean[length - 1] = (uint8_t)((1u << filled) - 1);
  }
  return length;
}

int lossless_prove(Codes *codes, int planes, int64_t samples, int64_t step, const uint8_t *at,
                   const uint8_t *end, const uint8_t **stop, uint8_t *clean, size_t *length)
{
  Window *window = PyMem_Malloc(sizeof *window);
  int verdict = window ? FINE : STOPPED;
  if (!window)
    PyErr_NoMemory();
  for (int64_t done = 0, number = 0; !verdict && done < samples; done += step, number++) {
    const uint8_t *marker = marker_from(at, end);
    int64_t most = samples - done < step ? samples - done : step;
    if (!marker) {
      verdict = CUT;
      break;
    }
    window_open(window, at, marker);
    for (int64_t sample = 0; sample < most && !verdict; sample++) {
      window_ready(window);
      for (int plane = 0; plane < planes && !verdict; plane++)
        verdict = sample_skip(window, &codes[plane]);
      if (window->position > window->limit)
        verdict = CUT;
    }
    if (verdict)
      break;
    unsigned filled = (unsigned)((window->limit - window->position) & 7);
    *length += tidy(clean + *length, at, unread(window), filled);
    *stop = marker;
    if (done + step < samples) {
      if ((marker[1] & 0xF8) != 0xD0)
        verdict = CUT;
      else if (marker[1] != (0xD0 | (number & 7)))
        verdict = CONTRADICTION;
      clean[(*length)++] = 0xFF;
      clean[(*length)++] = marker[1];
      at = marker + 2;
    }
  }
  PyMem_Free(window);
  while (!verdict && ((*stop)[1] & 0xF8) == 0xD0) {
    *stop = marker_from(*stop + 2, end);
    if (!*stop)
      return CUT;
  }
  return verdict;
}
