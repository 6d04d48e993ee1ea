/* What a sequence shares with exemplars: words that both have, extended to both sides without gaps (Altschul et al.
 * 1990, doi:10.1016/S0022-2836(05)80360-2), and chained. The answers are those of reference.py.
 */

#include "_kernel.h"

#define LETTERS 128 /* ASCII */

static const char NAME[] = "forensics.words";

typedef struct {
    const uint8_t *letters;
    Py_ssize_t length;
    Py_ssize_t group; /* the number of the first segment of a query that is of it; -1 */
} Text;

/* Two numbers of a diagonal, with `base` added: what is below `base` is of an earlier query. */
typedef struct {
    int32_t last, extended; /* where its last word ended, and up to where it was extended */
} Diagonal;

/* Where a word stands: in which text, and in the letters of all. */
typedef struct {
    int32_t number, at;
} Place;

typedef struct {
    Text *texts;
    uint8_t *letters;
    int32_t *slot; /* by the sum of a word its number, -1 where there is none; the next one where it is another word's */
    int32_t *first; /* by its number the first of its places, which ascend; and behind the last */
    Place *places;
    Diagonal *diagonals;
    Py_ssize_t count, total, word, longest; /* longest query that there are diagonals for */
    uint32_t mask;
    int32_t base;
} Words;

static uint32_t sum_of(const uint8_t *letters, Py_ssize_t length)
{
    uint32_t sum = 0;
    for (Py_ssize_t i = 0; i < length; i++)
        sum = sum * 0x01000193u + letters[i];
    return (sum ^ sum >> 15) * 0x9e3779b1u >> 8;
}

static void free_words(PyObject *capsule)
{
    Words *words = PyCapsule_GetPointer(capsule, NAME);
    if (!words)
        return;
    free(words->texts);
    free(words->letters);
    free(words->slot);
    free(words->first);
    free(words->places);
    free(words->diagonals);
    free(words);
}

/* Return where the number of a word is, or would be. */
static int32_t *slot_of(const Words *words, const uint8_t *letters)
{
    uint32_t at = sum_of(letters, words->word) & words->mask;
    while (words->slot[at] >= 0 &&
           memcmp(words->letters + words->places[words->first[words->slot[at]]].at, letters, (size_t)words->word))
        at = (at + 1) & words->mask;
    return &words->slot[at];
}

/* Number the words of the texts, and note their places; 0 without memory. */
static int place_words(Words *words)
{
    int32_t *of = malloc(((size_t)words->total + 1) * sizeof *of), *end = NULL; /* the word at each place */
    int32_t known = 0, places = 0;
    /* Until all are counted, the first place of a word is its number, and so is that of its places. */
    for (Py_ssize_t i = 0; of && i < words->count; i++)
        for (Py_ssize_t at = 0; at + words->word <= words->texts[i].length; at++, places++) {
            const uint8_t *letters = words->texts[i].letters + at;
            int32_t *slot = slot_of(words, letters);
            if (*slot < 0) {
                *slot = known;
                words->first[known] = known;
                words->places[known].at = (int32_t)(letters - words->letters);
                known++;
            }
            of[places] = *slot;
        }
    if (of)
        end = calloc((size_t)known + 1, sizeof *end);
    if (!end) {
        free(of);
        return 0;
    }
    for (int32_t i = 0; i < places; i++)
        end[of[i] + 1]++;
    for (int32_t i = 0; i < known; i++)
        end[i + 1] += end[i];
    memcpy(words->first, end, ((size_t)known + 1) * sizeof *end);
    places = 0;
    for (Py_ssize_t i = 0; i < words->count; i++)
        for (Py_ssize_t at = 0; at + words->word <= words->texts[i].length; at++)
            words->places[end[of[places++]]++] =
                (Place){(int32_t)i, (int32_t)(words->texts[i].letters + at - words->letters)};
    free(of);
    free(end);
    return 1;
}

/* Read the texts, and put every word of them where its sum leads; 0 with an error set. */
static int fill_words(Words *words, PyObject *list)
{
    words->count = PyList_Size(list);
    for (Py_ssize_t i = 0; i < words->count; i++) {
        Py_ssize_t length = PyBytes_Size(PyList_GetItem(list, i));
        if (length < 0)
            return 0;
        words->total += length;
    }
    Py_ssize_t size = 1 << 10;
    while (size < 2 * words->total)
        size *= 2;
    if (words->word < 1 || words->total > INT32_MAX / 4) {
        PyErr_SetString(PyExc_ValueError, "a word has at least one letter, texts at most half a thousand million");
        return 0;
    }
    words->mask = (uint32_t)size - 1;
    words->texts = calloc((size_t)words->count + 1, sizeof *words->texts);
    words->letters = malloc((size_t)words->total + 1);
    words->slot = malloc((size_t)size * sizeof *words->slot);
    words->first = malloc(((size_t)words->total + 1) * sizeof *words->first);
    words->places = malloc(((size_t)words->total + 1) * sizeof *words->places);
    if (!words->texts || !words->letters || !words->slot || !words->first || !words->places) {
        PyErr_NoMemory();
        return 0;
    }
    memset(words->slot, 0xff, (size_t)size * sizeof *words->slot);
    uint8_t *to = words->letters;
    for (Py_ssize_t i = 0; i < words->count; i++) {
        PyObject *text = PyList_GetItem(list, i);
        Py_ssize_t length = PyBytes_Size(text);
        memcpy(to, PyBytes_AsString(text), (size_t)length);
        for (Py_ssize_t at = 0; at < length; at++)
            if (to[at] >= LETTERS) {
                PyErr_SetString(PyExc_ValueError, "texts are in ASCII");
                return 0;
            }
        words->texts[i] = (Text){to, length, -1};
        to += length;
    }
    if (!place_words(words)) {
        PyErr_NoMemory();
        return 0;
    }
    return 1;
}

PyObject *kernel_index_words(PyObject *self, PyObject *args)
{
    PyObject *list;
    Py_ssize_t word;
    (void)self;
    if (!PyArg_ParseTuple(args, "On", &list, &word))
        return NULL;
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "expected a list of texts");
        return NULL;
    }
    Words *words = calloc(1, sizeof *words);
    if (!words)
        return PyErr_NoMemory();
    words->word = word;
    words->longest = -1;
    PyObject *capsule = PyCapsule_New(words, NAME, free_words);
    if (!capsule) {
        free(words);
        return NULL;
    }
    if (!fill_words(words, list)) {
        Py_DECREF(capsule);
        return NULL;
    }
    return capsule;
}

/* Make room for the diagonals of a query, and forget those of the one before; 0 without memory. */
static int begin(Words *words, Py_ssize_t length)
{
    if (length > words->longest || words->base > INT32_MAX - 2 * (words->longest + 2)) {
        Py_ssize_t count = words->total + words->count * (length + 1) + 1;
        free(words->diagonals);
        words->diagonals = calloc((size_t)count, sizeof *words->diagonals);
        words->longest = !words->diagonals ? -1 : length > words->longest ? length : words->longest;
        words->base = 0;
    }
    words->base += (int32_t)words->longest + 2; /* more than any place of the query before */
    return words->diagonals != NULL;
}

/* Of a text, from `first` to `end` of the query, where the text is ahead by `shift`; `group` is the first segment of
 * the text. As a part of a chain: what the best one that ends with it scores, and the segment before it in that. */
typedef struct {
    Py_ssize_t number, group, first, end, shift, score, reached, before;
} Segment;

typedef struct {
    Segment *segment;
    Py_ssize_t count, room;
} Segments;

static int keep(Segments *segments, const Segment *found)
{
    if (segments->count == segments->room) {
        Py_ssize_t room = segments->room * 2 + 256;
        Segment *more = realloc(segments->segment, (size_t)room * sizeof *more);
        if (!more)
            return 0;
        segments->segment = more;
        segments->room = room;
    }
    segments->segment[segments->count++] = *found;
    return 1;
}

/* Extend a word to both sides, as long as the score falls by no more than `drop` below its highest. */
static Segment extend(const Text *text, const uint8_t *query, Py_ssize_t length, Py_ssize_t start,
                      Py_ssize_t shift, const int8_t *scores, Py_ssize_t drop)
{
    Segment segment = {.number = 0, .first = start, .end = start, .shift = shift};
    Py_ssize_t total = 0;
    Py_ssize_t end = text->length - shift < length ? text->length - shift : length;
    for (Py_ssize_t at = start; at < end; at++) {
        total += scores[query[at] * LETTERS + text->letters[at + shift]];
        if (total > segment.score) {
            segment.score = total;
            segment.end = at + 1;
        } else if (total < segment.score - drop)
            break;
    }
    total = segment.score;
    for (Py_ssize_t at = start - 1; at >= 0 && at + shift >= 0; at--) {
        total += scores[query[at] * LETTERS + text->letters[at + shift]];
        if (total > segment.score) {
            segment.score = total;
            segment.first = at;
        } else if (total < segment.score - drop)
            break;
    }
    return segment;
}

/* By text, and in their order in the query. */
static int in_order(const void *one, const void *other)
{
    const Segment *a = one, *b = other;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return (a->shift > b->shift) - (a->shift < b->shift);
}

/* Chain segments of one text that follow each other in both sequences; return the last of the best chain. */
static Py_ssize_t chain(Segment *segment, Py_ssize_t count, Py_ssize_t shift, Py_ssize_t letter)
{
    Py_ssize_t best = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t most = 0;
        segment[i].before = -1;
        for (Py_ssize_t j = 0; j < i; j++) {
            Py_ssize_t other = segment[i].shift - segment[j].shift, chained = segment[j].reached;
            if (segment[j].end > segment[i].first || segment[j].end > segment[i].first + other)
                continue;
            if (other)
                chained -= shift + letter * (other < 0 ? -other : other);
            if (chained > most) {
                most = chained;
                segment[i].before = j;
            }
        }
        segment[i].reached = most + segment[i].score;
        if (segment[i].reached > segment[best].reached)
            best = i;
    }
    return best;
}

/* Return (number, score, [(start, end)]) of a chain, by its last segment. */
static PyObject *chain_of(const Segment *segment, Py_ssize_t last)
{
    PyObject *places = PyList_New(0);
    for (Py_ssize_t i = last; places && i >= 0; i = segment[i].before) {
        PyObject *place = Py_BuildValue("(nn)", segment[i].first, segment[i].end);
        if (!place || PyList_Append(places, place))
            Py_CLEAR(places);
        Py_XDECREF(place);
    }
    if (!places || PyList_Reverse(places)) {
        Py_XDECREF(places);
        return NULL;
    }
    return Py_BuildValue("(nnN)", segment->number, segment[last].reached, places);
}

/* Return the best chain of each text, in the order in which their first segments were found. */
static PyObject *chain_all(Segments *found, Py_ssize_t shift, Py_ssize_t letter)
{
    PyObject *list = PyList_New(0);
    qsort(found->segment, (size_t)found->count, sizeof *found->segment, in_order);
    for (Py_ssize_t from = 0, end = 0; list && from < found->count; from = end) {
        Segment *of_text = found->segment + from;
        while (end < found->count && found->segment[end].group == of_text->group)
            end++;
        PyObject *best = chain_of(of_text, chain(of_text, end - from, shift, letter));
        if (!best || PyList_Append(list, best))
            Py_CLEAR(list);
        Py_XDECREF(best);
    }
    return list;
}

/* Find the segments of a query, as many as there are; 0 without memory. */
static int find_segments(Words *words, const uint8_t *query, Py_ssize_t length, const int8_t *scores,
                         Py_ssize_t least_words, Py_ssize_t window, Py_ssize_t drop, Py_ssize_t least,
                         Segments *found)
{
    for (Py_ssize_t start = 0; start <= length - words->word; start++) {
        int32_t word = *slot_of(words, query + start), now = words->base + (int32_t)start;
        for (int32_t i = word < 0 ? 0 : words->first[word], end = word < 0 ? 0 : words->first[word + 1]; i < end; i++) {
            Py_ssize_t number = words->places[i].number;
            Diagonal *diagonal = words->diagonals + number * (words->longest + 1) + words->longest +
                                 (words->places[i].at - start);
            if (diagonal->extended > now)
                continue;
            if (least_words > 1) {
                int32_t last = diagonal->last;
                if (last > now)
                    continue; /* of overlapping words the first counts */
                diagonal->last = now + (int32_t)words->word;
                if (last < words->base || now - last > window)
                    continue;
            }
            Text *text = words->texts + number;
            Segment segment = extend(text, query, length, start,
                                     words->letters + words->places[i].at - text->letters - start, scores, drop);
            diagonal->extended = words->base + (int32_t)segment.end;
            if (segment.score < least)
                continue;
            if (text->group < 0)
                text->group = found->count;
            segment.number = number;
            segment.group = text->group;
            if (!keep(found, &segment))
                return 0;
        }
    }
    return 1;
}

PyObject *kernel_find_chains(PyObject *self, PyObject *args)
{
    PyObject *capsule, *list = NULL;
    const uint8_t *query;
    const int8_t *scores;
    Py_ssize_t length, size, least_words, window, drop, least, shift, letter;
    Segments found = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "Oy#y#nnnnnn", &capsule, &query, &length, &scores, &size, &least_words,
                          &window, &drop, &least, &shift, &letter))
        return NULL;
    Words *words = PyCapsule_GetPointer(capsule, NAME);
    if (!words)
        return NULL;
    int fine = size == LETTERS * LETTERS && length < INT32_MAX / 4;
    for (Py_ssize_t at = 0; fine && at < length; at++)
        fine = query[at] < LETTERS;
    if (!fine) {
        PyErr_SetString(PyExc_ValueError, "a query is in ASCII and below 2**29 letters, and scores are of two letters of it");
        return NULL;
    }
    fine = begin(words, length) &&
           find_segments(words, query, length, scores, least_words, window, drop, least, &found);
    for (Py_ssize_t i = 0; i < found.count; i++)
        words->texts[found.segment[i].number].group = -1;
    list = fine ? chain_all(&found, shift, letter) : PyErr_NoMemory();
    free(found.segment);
    return list;
}
