# Which GPU architectures edgeaffect._cuda is built for. Functions only: the tests call them with `cmake -P`.
# An architecture is a compute capability without its point (87), a GPU here is named by its own.

# Orin, Ampere and Ada desktops, Thor, Blackwell desktops, A100, Hopper. The rest run PTX: of the least for what lies
# in between, of the newest for what comes after.
set(edgeaffect_cuda_wanted 87 86 89 110 120 80 90)

# Compute capabilities of the GPUs of this machine, each once, such as 86;90; empty where there is none.
#   root  folder in which /proc and /etc lie
function(edgeaffect_cuda_gpus root result)
  set(found "")
  execute_process(COMMAND nvidia-smi --query-gpu=compute_cap --format=csv,noheader
    OUTPUT_VARIABLE listed ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0)
    string(REGEX MATCHALL "(^|\n)[0-9]+\\.[0-9]+" found "${listed}")
    list(TRANSFORM found REPLACE "[\n.]" "")
  endif()
  if(NOT found)
    edgeaffect_cuda_jetson("${root}" found)
  endif()
  list(REMOVE_DUPLICATES found)
  list(SORT found COMPARE NATURAL)
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# The same of a Jetson, whose nvidia-smi is absent or says nothing: by its chip, as the device tree names it. A container
# may hide the device tree: then every Jetson that CUDA 12.2 or newer supports.
function(edgeaffect_cuda_jetson root result)
  set(chips "")
  if(EXISTS "${root}/proc/device-tree/compatible")
    file(STRINGS "${root}/proc/device-tree/compatible" chips REGEX "tegra")
  endif()
  set(found "")
  if(chips MATCHES "tegra234")
    set(found 87)
  elseif(chips MATCHES "tegra264")
    set(found 110)
  elseif(EXISTS "${root}/etc/nv_tegra_release")
    set(found 87 110)
  endif()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# Why the module is not built, before anybody looks for nvcc; empty where it is to be built.
#   mode   auto, on, release or off
#   gpus   of this machine
#   asked  architectures that the user wants
function(edgeaffect_cuda_unwanted mode gpus asked result)
  set(reason "")
  if(mode STREQUAL "off")
    set(reason "EDGEAFFECT_CUDA=off")
  elseif(mode STREQUAL "auto" AND NOT gpus AND NOT asked)
    set(reason "no GPU here; EDGEAFFECT_CUDA=on builds it all the same")
  endif()
  set(${result} "${reason}" PARENT_SCOPE)
endfunction()

# Architectures that an nvcc knows; empty for one from before --list-gpu-arch.
function(edgeaffect_cuda_known nvcc result)
  execute_process(COMMAND "${nvcc}" --list-gpu-arch OUTPUT_VARIABLE listed ERROR_QUIET)
  string(REGEX MATCHALL "[0-9]+" known "${listed}")
  list(SORT known COMPARE NATURAL)
  set(${result} "${known}" PARENT_SCOPE)
endfunction()

# What to build, as CMAKE_CUDA_ARCHITECTURES takes it (87-real is machine code, 87-virtual is PTX); empty where nvcc knows
# nothing that would run.
#   mode   auto, on or release
#   gpus   of this machine
#   asked  architectures that the user wants, all of which nvcc must know
#   known  architectures that nvcc knows, in rising order
function(edgeaffect_cuda_architectures mode gpus asked known result)
  if(asked)
    foreach(architecture IN LISTS asked)
      if(NOT architecture IN_LIST known)
        string(REPLACE ";" " " allowed "${known}")
        message(FATAL_ERROR "EDGEAFFECT_CUDA_ARCHITECTURES: nvcc does not know ${architecture}, only: ${allowed}")
      endif()
    endforeach()
    edgeaffect_cuda_portable("${asked}" "${known}" chosen)
  elseif(gpus AND NOT mode STREQUAL "release")
    edgeaffect_cuda_native("${gpus}" "${known}" chosen)
  else()
    edgeaffect_cuda_portable("${edgeaffect_cuda_wanted}" "${known}" chosen)
  endif()
  set(${result} "${chosen}" PARENT_SCOPE)
endfunction()

# Machine code for exactly these GPUs; the newest PTX that a GPU can run where nvcc has no machine code for it.
function(edgeaffect_cuda_native gpus known result)
  set(chosen "")
  foreach(gpu IN LISTS gpus)
    if(gpu IN_LIST known)
      list(APPEND chosen ${gpu}-real)
      continue()
    endif()
    set(newest "")
    foreach(architecture IN LISTS known)
      if(architecture LESS gpu)
        set(newest ${architecture})
      endif()
    endforeach()
    if(newest)
      list(APPEND chosen ${newest}-virtual)
    else()
      message(WARNING "edgeaffect: nvcc has given up GPUs of compute capability ${gpu}: the module will not run on it")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES chosen)
  set(${result} "${chosen}" PARENT_SCOPE)
endfunction()

# Machine code for these architectures, as far as nvcc knows them, and PTX of the least and the newest for all others.
function(edgeaffect_cuda_portable architectures known result)
  set(chosen "")
  foreach(architecture IN LISTS architectures)
    if(architecture IN_LIST known)
      list(APPEND chosen ${architecture})
    endif()
  endforeach()
  if(chosen)
    list(SORT chosen COMPARE NATURAL)
    list(GET chosen 0 least)
    list(GET chosen -1 newest)
    list(TRANSFORM chosen APPEND "-real")
    list(APPEND chosen ${least}-virtual ${newest}-virtual)
    list(REMOVE_DUPLICATES chosen)
  endif()
  set(${result} "${chosen}" PARENT_SCOPE)
endfunction()
