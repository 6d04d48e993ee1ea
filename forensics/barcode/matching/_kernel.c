/* The compiled kernel of the search. Optional: forensics.barcode.matching.reference has the same
 * functions in Python, with the same answers, and stands in where there is no compiler.
 *
 * _distance.c      edits of one sequence in another, and where the best placements lie
 * _path.c          one best placement, base by base
 * _compare_many.c  a query with many records of an index
 * _lanes.c         edits of one sequence in several others at once
 * _kmers.c         which k-mers of a text were seen before
 * _bounds.c        how many edits each record of an index costs at least
 * _tables.c        which haplotypes of an index have each k-mer
 * _columns.c       columns of the first record of each haplotype
 * _search.c        the nearest records of a query
 * _neighbours.c    all records that are near to a query
 */

#include "_kernel.h"

int kernel_append(PyObject *list, Py_ssize_t number)
{
    PyObject *object = PyLong_FromSsize_t(number);
    int failed = !object || PyList_Append(list, object);
    Py_XDECREF(object);
    return failed;
}

static PyMethodDef methods[] = {
    {"semiglobal_distance", kernel_semiglobal_distance, METH_VARARGS,
     "semiglobal_distance(inner, outer, max_edits, exact): edits, or None above max_edits"},
    {"semiglobal_placements", kernel_semiglobal_placements, METH_VARARGS,
     "semiglobal_placements(inner, outer, max_edits, exact): edits or None, and [(start, end)]"},
    {"prefix_ends", kernel_prefix_ends, METH_VARARGS,
     "prefix_ends(inner, outer, max_edits, exact): edits or None, and the ends"},
    {"match_any", kernel_match_any, METH_VARARGS,
     "match_any(inners, outer, max_edits): the numbers of those that have so few edits in outer"},
    {"semiglobal_path", kernel_semiglobal_path, METH_VARARGS,
     "semiglobal_path(inner, outer, max_edits, exact): edits or None, start, [(count, step)]"},
    {"prefix_path", kernel_prefix_path, METH_VARARGS,
     "prefix_path(inner, outer, max_edits, exact): edits or None, start, [(count, step)]"},
    {"prepare_query", kernel_prepare_query, METH_VARARGS,
     "prepare_query(sequence, least): a strand of a query for compare_many"},
    {"compare_many", kernel_compare_many, METH_VARARGS,
     "compare_many(query, placement, sequences, offsets, records, needed): edits and bases "
     "compared of each record (int32), and how many alignments were made; edits are -1 where the "
     "identity is below the one needed"},
    {"mark_kmers", kernel_mark_kmers, METH_VARARGS,
     "mark_kmers(marks, text, length, step): mark the k-mers at every step-th place"},
    {"find_marked", kernel_find_marked, METH_VARARGS,
     "find_marked(marks, text, length): the places where a k-mer begins that may be marked"},
    {"bound_strand", kernel_bound_strand, METH_VARARGS,
     "bound_strand(sequence, sections, size, least, first, longer, codes, rate, whole, part): the bounds of all records for a strand of a query"},
    {"records_at", kernel_records_at, METH_VARARGS,
     "records_at(bounds, placement, edits, first, rate): the records from first on whose bound is "
     "edits, ascending (uint32); from now on bounds of more edits a base may be left out"},
    {"count_shared", kernel_count_shared, METH_VARARGS,
     "count_shared(sequence, sections, size): how many of the distinct k-mers of a sequence each "
     "record has (uint32)"},
    {"smallest_bound", kernel_smallest_bound, METH_VARARGS,
     "smallest_bound(bounds, placement): no record has a smaller one; None without a record"},
    {"best_of_groups", kernel_best_of_groups, METH_VARARGS,
     "best_of_groups(shared, lengths, group, left_out, length, least, groups, each, most): the records "
     "with the highest shares of k-mers, so many of each group, and of so many groups"},
    {"first_columns", kernel_first_columns, METH_VARARGS,
     "first_columns(rows, starts, firsts, columns, first, end): what columns first to end of the first record of "
     "each haplotype say: the different texts, and which of them each has (uint32)"},
    {"pieces_of", kernel_pieces_of, METH_VARARGS,
     "pieces_of(texts, start): their pieces side by side, two bits a letter (uint16), behind the number of those that "
     "are not plain"},
    {"kmer_table", kernel_kmer_table, METH_VARARGS,
     "kmer_table(haplotypes, k): of each k-mer how many have it, and where its entry begins in the data (uint32)"},
    {"index_words", kernel_index_words, METH_VARARGS,
     "index_words(texts, word): the words of texts, for find_segments"},
    {"find_chains", kernel_find_chains, METH_VARARGS,
     "find_chains(words, query, scores, least, window, drop, score, shift, letter): [(text, score, [(start, end)])]"},
    {"search_near", kernel_search_near, METH_VARARGS,
     "search_near(queries, sections, size, floor, partial_floor, margin, horizon, wanted, of_species, "
     "down_to_floor, ignored, brief): of each query, (strands, placements, least, first, longer, codes), the hits "
     "and those of records that are too short (int32: record, edits, length, strand, placement), the identity "
     "down to which they are all, and how many alignments were made"},
    {"find_near", kernel_find_near, METH_VARARGS,
     "find_near(strands, sections, size, least, first, longer, codes, floor, partial_floor): the "
     "records that are near, ascending (uint32), and their identities (float64)"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void)
{
    const uint16_t probe = 1;
    if (!*(const uint8_t *)&probe) {
        PyErr_SetString(PyExc_ImportError, "index files are little-endian");
        return NULL;
    }
    kernel_fill_letters();
    return PyModule_Create(&module);
}
