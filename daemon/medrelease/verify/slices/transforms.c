/* Transform trees and units of an intra coding unit (7.3.8.8, 7.3.8.10, 7.3.8.12, 7.3.8.14). */
#include "slices.h"

/* One node: place, log2 of its size, depth, number among its siblings; which chroma blocks hold
   coefficients, two bits a component. */
typedef struct {
  int size, depth, number, blue, red;
} Node;

static void read_qp_delta(Picture *picture)
{
  Reader *reader = &picture->reader;
  int value = 0, order = 0;
  while (value < 5 && read_bin(reader, QP_DELTA + (value > 0)))
    value++;
  if (value == 5) {
    while (order < 16 && read_bypass(reader))
      order++;
    read_several(reader, order);
  }
  if (value)
    read_bypass(reader);
  picture->qp_coded = 1;
}

static void read_chroma_offset(Picture *picture)
{
  Reader *reader = &picture->reader;
  picture->chroma_coded = 1;
  if (!read_bin(reader, CHROMA_QP_FLAG))
    return;
  for (int index = 0; index < picture->coding.chroma_list; index++)
    if (!read_bin(reader, CHROMA_QP_INDEX))
      return;
}

static void read_scale(Picture *picture, int component)
{
  Reader *reader = &picture->reader;
  int value = 0;
  while (value < 4 && read_bin(reader, SCALE_ABS + 4 * component + value))
    value++;
  if (value)
    read_bin(reader, SCALE_SIGN + component);
}

static void walk_chroma(Picture *picture, const Unit *unit, const Node *node, int size, int part,
                        int luma)
{
  int scales = picture->coding.cross && luma && unit->derived[part];
  for (int component = 1; component < 3; component++) {
    int coded = component == 1 ? node->blue : node->red;
    if (scales)
      read_scale(picture, component - 1);
    for (int each = 0; each < 2; each++)
      if (coded >> each & 1)
        walk_residual(picture, unit, size, component, unit->chroma[part]);
  }
}

static void walk_blocks(Picture *picture, const Unit *unit, const Node *node, int luma, int part)
{
  const Coding *coding = &picture->coding;
  int chroma = node->blue || node->red;
  if (!luma && !chroma)
    return;
  if (coding->qp_deltas && !picture->qp_coded)
    read_qp_delta(picture);
  int offsets = picture->now->chroma_offsets && chroma && !unit->bypass;
  if (offsets && !picture->chroma_coded)
    read_chroma_offset(picture);
  if (luma)
    walk_residual(picture, unit, node->size, 0, unit->luma[part]);
  if (coding->chroma == 3)
    walk_chroma(picture, unit, node, node->size, part, luma);
  else if (node->size > 2)
    walk_chroma(picture, unit, node, node->size - 1, 0, luma);
  else if (node->number == 3)
    walk_chroma(picture, unit, node, 2, 0, luma);
}

/* Which of a component's one or two blocks hold coefficients. */
static int read_coded(Picture *picture, const Node *node, int above, int split)
{
  if (!above)
    return 0;
  int found = read_bin(&picture->reader, CBF_CHROMA + node->depth);
  if (picture->coding.chroma == 2 && (!split || node->size == 3))
    found |= read_bin(&picture->reader, CBF_CHROMA + node->depth) << 1;
  return found;
}

static void walk_node(Picture *picture, const Unit *unit, Node node, int part)
{
  const Coding *coding = &picture->coding;
  Reader *reader = &picture->reader;
  int most = coding->depth + unit->parts, forced = unit->parts && !node.depth, split;
  if (reader->beyond)
    return;
  if (node.size <= coding->transform && node.size > coding->least_transform && node.depth < most &&
      !forced)
    split = read_bin(reader, SPLIT_TRANSFORM + 5 - node.size);
  else
    split = node.size > coding->transform || forced;
  if (split && node.size <= 2) {
    reader->beyond = 1;
    return;
  }
  if (coding->chroma && (node.size > 2 || coding->chroma == 3)) {
    node.blue = read_coded(picture, &node, node.blue, split);
    node.red = read_coded(picture, &node, node.red, split);
  }
  if (!split) {
    int luma = read_bin(reader, CBF_LUMA + !node.depth);
    walk_blocks(picture, unit, &node, luma, part);
    return;
  }
  for (int number = 0; number < 4; number++) {
    Node below = {node.size - 1, node.depth + 1, number, node.blue, node.red};
    walk_node(picture, unit, below, unit->parts && !node.depth ? number : part);
  }
}

void walk_transforms(Picture *picture, const Unit *unit)
{
  int chroma = picture->coding.chroma ? 1 : 0;
  Node root = {unit->size, 0, 0, chroma, chroma};
  walk_node(picture, unit, root, 0);
}
